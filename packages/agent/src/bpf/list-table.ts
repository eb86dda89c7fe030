import { SextantError } from "@sextant/model";
import type { KernelKey, KernelList, ListObservation } from "../reconcile/data-plane";
import type { BpfMap } from "./bpf-map";
import { decodeKey, decodeList, encodeKey, encodeList } from "./kernel-layout";
import { KERNEL_LIMITS } from "./kernel-limits";
import { SlotPool } from "./slot-pool";
import { STRUCT_LAYOUTS } from "./struct-layouts";
import { sumTraffic } from "./traffic";

const STATE = STRUCT_LAYOUTS.sxt_list_state;
const TRAFFIC = STRUCT_LAYOUTS.sxt_traffic;

/**
 * Segment lists. What user space writes (map `lists`) and what BPF writes (arrays `list_states`, `list_counters`) are apart,
 * so that moving a list to another next hop cannot lose a sequence number; `slot` in the list ties them together.
 */
export class ListTable {
  private readonly slots = new SlotPool<KernelKey>(KERNEL_LIMITS.maxLists);

  constructor(
    private readonly lists: BpfMap,
    private readonly states: BpfMap,
    private readonly counters: BpfMap,
    private readonly cpus: number,
  ) {
    for (const [key, value] of lists.entries()) this.slots.adopt(decodeKey(key), decodeList(value).slot);
  }

  all(): Map<KernelKey, KernelList> {
    return new Map(this.lists.entries().map(([key, value]) => [decodeKey(key), decodeList(value).list]));
  }

  put(key: KernelKey, list: KernelList): void {
    const count = list.segments.length;
    if (count < 1 || count > KERNEL_LIMITS.maxSegments) {
      const range = `1 to ${KERNEL_LIMITS.maxSegments}`;
      throw new SextantError("invalid_argument", `a segment list has ${range} segments here, got ${count}`);
    }
    // An entry that was removed by hand comes back with its counters.
    const known = this.slots.get(key);
    const slot = known ?? this.slots.take(key);
    if (slot === undefined) throw mapFull();
    try {
      if (known === undefined) this.reset(slot);
      this.lists.update(encodeKey(key), encodeList(slot, list));
    } catch (error) {
      if (known === undefined) this.slots.release(key);
      throw error;
    }
  }

  delete(key: KernelKey): void {
    this.lists.delete(encodeKey(key));
    this.slots.release(key);
  }

  /** Two system calls for all lists together. */
  observe(): Map<KernelKey, ListObservation> {
    const span = this.slots.span();
    const states = this.states.readArray(span);
    const counters = this.counters.readArray(span);
    const observed = new Map<KernelKey, ListObservation>();
    for (const [key, slot] of this.slots.entries()) {
      const at = slot * STATE.bytes;
      observed.set(key, {
        sent: states.readBigUInt64LE(at + STATE.sent),
        returned: states.readBigUInt64LE(at + STATE.returned),
        returnedCount: states.readBigUInt64LE(at + STATE.returned_count),
        roundTripNs: states.readBigUInt64LE(at + STATE.round_trip_ns),
        ...sumTraffic(counters, slot * this.cpus * TRAFFIC.bytes, this.cpus),
      });
    }
    return observed;
  }

  private reset(slot: number): void {
    const index = Buffer.alloc(4);
    index.writeUInt32LE(slot);
    this.states.update(index, Buffer.alloc(STATE.bytes));
    this.counters.update(index, Buffer.alloc(TRAFFIC.bytes * this.cpus));
  }
}

function mapFull(): SextantError {
  return new SextantError("map_full", `the host holds ${KERNEL_LIMITS.maxLists} segment lists already: remove intents`);
}
