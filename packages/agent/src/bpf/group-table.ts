import { SextantError } from "@sextant/model";
import type { BpfMap } from "./bpf-map";
import { IndexPool, type MonotonicClock } from "./index-pool";
import { KERNEL_LIMITS } from "./kernel-limits";
import { decodeGroup, encodeGroup, type StoredGroupList } from "./policy-codec";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const BYTES = STRUCT_LAYOUTS.sxt_group.bytes;

/** Weighted lists of candidates that have several. A group never changes while a candidate names it. */
export class GroupTable {
  private readonly pool: IndexPool;
  private count = 0;

  constructor(
    private readonly map: BpfMap,
    nowMs: MonotonicClock,
  ) {
    this.pool = new IndexPool(KERNEL_LIMITS.groupRows, nowMs);
  }

  /** Throws SextantError `map_full`. `replaced` is the group that goes when this one is named. */
  create(lists: readonly StoredGroupList[], replaced: number | undefined): number {
    const others = this.count - (replaced === undefined ? 0 : 1);
    const slot = others < KERNEL_LIMITS.maxGroups ? this.pool.take() : undefined;
    if (slot === undefined) throw mapFull();
    try {
      this.map.setAt(slot, encodeGroup(lists));
    } catch (error) {
      this.pool.giveBack(slot);
      throw error;
    }
    this.count += 1;
    return slot;
  }

  /** Whether the group is just these lists. */
  holds(slot: number, lists: readonly StoredGroupList[]): boolean {
    return this.map.at(slot).equals(encodeGroup(lists));
  }

  /** Records one that was found in use. */
  adopt(slot: number): void {
    this.pool.adopt(slot);
    this.count += 1;
  }

  /** No candidate names it any more. */
  release(slot: number): void {
    this.pool.release(slot);
    this.count -= 1;
  }

  /** No candidate has ever named it. */
  giveBack(slot: number): void {
    this.pool.giveBack(slot);
    this.count -= 1;
  }

  /** All groups in one system call, by slot. */
  read(): (slot: number) => StoredGroupList[] {
    const values = this.map.readArray(this.pool.span());
    return (slot) => {
      const bytes = values.subarray(slot * BYTES, (slot + 1) * BYTES);
      return bytes.length === BYTES ? decodeGroup(bytes) : [];
    };
  }
}

function mapFull(): SextantError {
  const message = `the host holds ${KERNEL_LIMITS.maxGroups} candidates with several lists already: remove intents`;
  return new SextantError("map_full", message);
}
