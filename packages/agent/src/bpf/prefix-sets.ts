import type { Ipv6Prefix } from "@sextant/model";
import type { KernelSender } from "../reconcile/data-plane";
import { decodePrefix, decodeSender, encodePrefix, encodeSender } from "./address-codec";
import type { BpfMap } from "./bpf-map";
import type { HostConfigEntry } from "./host-config-entry";

const PRESENT = Buffer.from([1, 0, 0, 0]);

/** Source prefixes whose SRHs are accepted; remembered decisions depend on them. */
export class DomainSources {
  constructor(
    private readonly map: BpfMap,
    private readonly config: HostConfigEntry,
  ) {}

  all(): Set<Ipv6Prefix> {
    return new Set(this.map.entries().map(([key]) => decodePrefix(key) as Ipv6Prefix));
  }

  add(prefix: Ipv6Prefix): void {
    this.map.update(encodePrefix(prefix), PRESENT);
    this.config.advanceEpoch();
  }

  delete(prefix: Ipv6Prefix): void {
    this.map.delete(encodePrefix(prefix));
    this.config.advanceEpoch();
  }
}

/** Inner sources that an outer source may bring; remembered decisions depend on them too. */
export class Senders {
  constructor(
    private readonly map: BpfMap,
    private readonly config: HostConfigEntry,
  ) {}

  all(): KernelSender[] {
    return this.map.entries().map(([key]) => decodeSender(key));
  }

  add(sender: KernelSender): void {
    this.map.update(encodeSender(sender), PRESENT);
    this.config.advanceEpoch();
  }

  delete(sender: KernelSender): void {
    this.map.delete(encodeSender(sender));
    this.config.advanceEpoch();
  }
}
