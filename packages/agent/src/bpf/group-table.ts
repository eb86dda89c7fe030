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

  constructor(
    private readonly map: BpfMap,
    nowMs: MonotonicClock,
  ) {
    this.pool = new IndexPool(KERNEL_LIMITS.maxGroups, nowMs);
  }

  /** Throws SextantError `map_full`. */
  create(lists: readonly StoredGroupList[]): number {
    const slot = this.pool.take();
    if (slot === undefined) {
      const limit = KERNEL_LIMITS.maxGroups;
      throw new SextantError(
        "map_full",
        `the host holds ${limit} candidates with several lists already: remove intents`,
      );
    }
    try {
      this.map.setAt(slot, encodeGroup(lists));
    } catch (error) {
      this.pool.giveBack(slot);
      throw error;
    }
    return slot;
  }

  /** Whether the group is just these lists. */
  holds(slot: number, lists: readonly StoredGroupList[]): boolean {
    return this.map.at(slot).equals(encodeGroup(lists));
  }

  /** Records one that was found in use. */
  adopt(slot: number): void {
    this.pool.adopt(slot);
  }

  /** No candidate names it any more. */
  release(slot: number): void {
    this.pool.release(slot);
  }

  /** No candidate has ever named it. */
  giveBack(slot: number): void {
    this.pool.giveBack(slot);
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
