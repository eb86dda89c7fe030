import { type Goal, METRICS } from "./intent";

/** `delay`, `bandwidth, then delay`, `2 x delay + 100 x igp`. */
export function objectiveText(objective: readonly Goal[]): string {
  return objective.map(goalText).join(", then ");
}

/** One goal in words. */
export function goalText(goal: Goal): string {
  if (goal.kind === "bottleneck") return goal.of;
  const weighed = METRICS.filter((metric) => goal.weights[metric] !== undefined);
  if (weighed.length === 1) return weighed.join("");
  return weighed.map((metric) => `${goal.weights[metric] ?? 0} x ${metric}`).join(" + ");
}
