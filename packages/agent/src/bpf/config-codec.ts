import { ipv6ToBytes, type Ipv6Address, type Sid } from "@sextant/model";
import type { HostConfig } from "../reconcile/data-plane";
import { addressAt } from "./address-codec";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const CONFIG = STRUCT_LAYOUTS.sxt_host_config;
const NONE = "::" as Ipv6Address;

/** Writes what the controller decides into struct sxt_host_config; the rest of it stays. */
export function writeConfig(bytes: Buffer, config: HostConfig): void {
  bytes.writeUInt32LE(config.probeMultiplier, CONFIG.probe_multiplier);
  bytes.writeBigUInt64LE(config.term, CONFIG.term);
  bytes.set(ipv6ToBytes(config.nodeSid), CONFIG.node_sid);
  bytes.set(ipv6ToBytes(config.decapsulationSid ?? NONE), CONFIG.decapsulation_sid);
}

/** The host's configuration; undefined as long as none was written. */
export function readConfig(bytes: Buffer): HostConfig | undefined {
  const probeMultiplier = bytes.readUInt32LE(CONFIG.probe_multiplier);
  if (probeMultiplier === 0) return undefined;
  const decapsulationSid = addressAt(bytes, CONFIG.decapsulation_sid);
  return {
    nodeSid: addressAt(bytes, CONFIG.node_sid) as Sid,
    decapsulationSid: decapsulationSid === NONE ? undefined : (decapsulationSid as Sid),
    probeMultiplier,
    term: bytes.readBigUInt64LE(CONFIG.term),
  };
}
