import { SextantError } from "@sextant/model";
import type { KernelKey, KernelPolicy } from "../reconcile/data-plane";
import type { BpfMap } from "./bpf-map";
import { decodeKey, decodePolicy, encodeKey, encodePolicy } from "./kernel-layout";
import { KERNEL_LIMITS } from "./kernel-limits";
import { SlotPool } from "./slot-pool";
import { STRUCT_LAYOUTS } from "./struct-layouts";
import { sumTraffic, type Traffic } from "./traffic";

const TRAFFIC = STRUCT_LAYOUTS.sxt_traffic;

/** Policies, and the traffic that each has steered in an array of its own: one inlined lookup in the packet path. */
export class PolicyTable {
  private readonly slots = new SlotPool<KernelKey>(KERNEL_LIMITS.maxPolicies);

  constructor(
    private readonly policies: BpfMap,
    private readonly counters: BpfMap,
    private readonly cpus: number,
  ) {
    for (const [key, value] of policies.entries()) this.slots.adopt(decodeKey(key), decodePolicy(value).slot);
  }

  all(): Map<KernelKey, KernelPolicy> {
    return new Map(this.policies.entries().map(([key, value]) => [decodeKey(key), decodePolicy(value).policy]));
  }

  put(key: KernelKey, policy: KernelPolicy): void {
    const count = policy.candidates.length;
    if (count > KERNEL_LIMITS.maxCandidates) {
      throw new SextantError(
        "invalid_argument",
        `a policy has ${KERNEL_LIMITS.maxCandidates} candidates at most, got ${count}`,
      );
    }
    const known = this.slots.get(key);
    const slot = known ?? this.slots.take(key);
    if (slot === undefined) throw mapFull();
    try {
      if (known === undefined) this.reset(slot);
      this.policies.update(encodeKey(key), encodePolicy(slot, policy));
    } catch (error) {
      if (known === undefined) this.slots.release(key);
      throw error;
    }
  }

  delete(key: KernelKey): void {
    this.policies.delete(encodeKey(key));
    this.slots.release(key);
  }

  /** One system call for all policies together. */
  traffic(): Map<KernelKey, Traffic> {
    const counters = this.counters.readArray(this.slots.span());
    const stride = this.cpus * TRAFFIC.bytes;
    return new Map(
      [...this.slots.entries()].map(([key, slot]) => [key, sumTraffic(counters, slot * stride, this.cpus)]),
    );
  }

  private reset(slot: number): void {
    const index = Buffer.alloc(4);
    index.writeUInt32LE(slot);
    this.counters.update(index, Buffer.alloc(TRAFFIC.bytes * this.cpus));
  }
}

function mapFull(): SextantError {
  return new SextantError("map_full", `the host holds ${KERNEL_LIMITS.maxPolicies} policies already: remove intents`);
}
