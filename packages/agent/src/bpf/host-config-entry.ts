import { SextantError } from "@sextant/model";
import type { HostConfig } from "../reconcile/data-plane";
import type { BpfMap } from "./bpf-map";
import { readConfig, writeConfig } from "./config-codec";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const CONFIG = STRUCT_LAYOUTS.sxt_host_config;

/** The only entry of map host_config: what the controller decides, and what voids remembered decisions. */
export class HostConfigEntry {
  constructor(private readonly map: BpfMap) {}

  read(): HostConfig | undefined {
    return readConfig(this.map.at(0));
  }

  write(config: HostConfig): void {
    if (config.probeMultiplier < 1) throw new SextantError("invalid_argument", "the probe multiplier is 1 or more");
    this.change((bytes) => {
      writeConfig(bytes, config);
    });
  }

  /** Cookie of the host's network namespace, whose sockets are looked at. */
  writeNetnsCookie(cookie: bigint): void {
    this.change((bytes) => {
      bytes.writeBigUInt64LE(cookie, CONFIG.netns_cookie);
    });
  }

  /** Decisions that the packet path remembers are void from here on. Zero is left out: empty memory is of that epoch. */
  advanceEpoch(): void {
    this.change((bytes) => {
      bytes.writeUInt32LE((bytes.readUInt32LE(CONFIG.epoch) + 1) % 2 ** 32 || 1, CONFIG.epoch);
    });
  }

  private change(edit: (bytes: Buffer) => void): void {
    const bytes = this.map.at(0);
    edit(bytes);
    this.map.setAt(0, bytes);
  }
}
