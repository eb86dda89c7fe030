import { type DemandChange, MeasuredDemands, WINDOW_MS } from "../bandwidth/measured-demands";
import type { Host } from "./host";
import type { Plans } from "./plans";

/** Measures the demands of intents that reserve what they need, from the counters that hosts report. */
export class DemandMeter {
  readonly #demands = new MeasuredDemands();
  #revisedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly plans: () => Pick<Plans, "bandwidth">) {}

  /** A host has reported. */
  reported({ name, health }: Host): void {
    if (health === undefined) return;
    for (const { key, intent, policy } of this.plans().bandwidth.measuredOn(name)) {
      const counted = health.policies.get(key);
      if (counted !== undefined) this.#demands.observe(intent, policy, counted.bytes, health.reportedAtMs);
    }
  }

  /** What is to be reserved instead of what is, asked for once per window at most. */
  revise(nowMs: number): DemandChange[] {
    if (nowMs - this.#revisedAtMs < WINDOW_MS) return [];
    this.#revisedAtMs = nowMs;
    const { bandwidth } = this.plans();
    this.#demands.keepOnly((intent, policy) => bandwidth.measuredMbps(intent, policy) !== undefined);
    return this.#demands.changes((intent, policy) => bandwidth.measuredMbps(intent, policy) ?? 0);
  }
}
