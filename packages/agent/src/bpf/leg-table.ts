import { SextantError } from "@sextant/model";
import type { KernelKey, Traffic } from "../reconcile/data-plane";
import { IndexPool, type MonotonicClock } from "./index-pool";
import { KERNEL_LIMITS } from "./kernel-limits";
import type { TrafficTable } from "./traffic";
import type { Undo } from "./undo";

/** Counters of candidates: they belong to a policy and a position, whatever list is there. */
export class LegTable {
  private readonly pool: IndexPool;
  private readonly legs = new Map<KernelKey, readonly number[]>();

  constructor(
    private readonly counters: TrafficTable,
    nowMs: MonotonicClock,
  ) {
    this.pool = new IndexPool(KERNEL_LIMITS.maxLegs, nowMs);
  }

  /** Records legs that were found in a policy. */
  adopt(policy: KernelKey, legs: readonly number[]): void {
    for (const leg of legs) this.pool.adopt(leg);
    this.legs.set(policy, legs);
  }

  /** At least `count` legs, new ones at zero. Throws SextantError `map_full`. */
  resize(policy: KernelKey, count: number, undo: Undo): readonly number[] {
    const before = this.legs.get(policy) ?? [];
    const legs = [...before];
    while (legs.length < count) {
      const leg = this.pool.take();
      if (leg === undefined) throw mapFull();
      undo.push(() => {
        this.pool.giveBack(leg);
      });
      this.counters.reset(leg);
      legs.push(leg);
    }
    undo.push(() => this.legs.set(policy, before));
    this.legs.set(policy, legs);
    return legs;
  }

  /** Gives up what is beyond `count`. */
  trim(policy: KernelKey, count: number): void {
    const legs = this.legs.get(policy) ?? [];
    for (const leg of legs.slice(count)) this.pool.release(leg);
    if (count === 0) this.legs.delete(policy);
    else this.legs.set(policy, legs.slice(0, count));
  }

  traffic(policies: Iterable<KernelKey>): Map<KernelKey, readonly Traffic[]> {
    const traffic = this.counters.read(this.pool.span());
    return new Map([...policies].map((policy) => [policy, (this.legs.get(policy) ?? []).map(traffic)]));
  }
}

function mapFull(): SextantError {
  return new SextantError("map_full", `the host holds ${KERNEL_LIMITS.maxLegs} candidates already: remove intents`);
}
