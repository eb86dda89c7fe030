import { carriage } from "../ecmp/carriage";
import { listKey, MAX_LISTS, type WeightedList, weightSum } from "../placement";
import type { Part } from "./column-generation";
import { move, type Working } from "./problem";

/** Weights of a demand's lists add up to this before what divides them all is taken out: a tenth of a percent is the least part. */
const WEIGHT_SUM = 1_000;

/** Splits demands as the linear program says, in whole weights. */
export function applyParts(working: Working, parts: readonly Part[]): void {
  const byDemand = new Map<number, Part[]>();
  for (const part of parts) {
    const others = byDemand.get(part.demand);
    if (others === undefined) byDemand.set(part.demand, [part]);
    else others.push(part);
  }
  const { from, to } = working.demands;
  for (const [demand, own] of byDemand) {
    const present = working.now[demand]?.lists ?? [];
    const lists = toWeights(fractions(present, own));
    const mixed = carriage(working.ecmp, from[demand] as number, to[demand] as number, lists);
    if (mixed !== undefined) move(working, demand, mixed);
  }
}

interface Fraction extends Omit<WeightedList, "weight"> {
  readonly part: number;
}

/** What the parts leave stays on the present lists. Equal lists are one. */
function fractions(present: readonly WeightedList[], parts: readonly Part[]): Fraction[] {
  const left = Math.max(0, 1 - parts.reduce((sum, { part }) => sum + part, 0));
  const given = [{ lists: present, part: left }, ...parts.map(({ carriage: { lists }, part }) => ({ lists, part }))];
  const merged = new Map<string, Fraction>();
  for (const { lists, part } of given) {
    for (const { weight, ...way } of lists) {
      const key = listKey(way);
      const known = merged.get(key)?.part ?? 0;
      merged.set(key, { ...way, part: known + (part * weight) / weightSum(lists) });
    }
  }
  return [...merged.values()];
}

/** Whole weights by largest remainder, the smallest that say the same; the greatest parts where there are too many. */
export function toWeights(all: readonly Fraction[]): WeightedList[] {
  const kept = [...all].sort((a, b) => b.part - a.part).slice(0, MAX_LISTS);
  const sum = kept.reduce((total, { part }) => total + part, 0);
  const exact = kept.map(({ part }) => (part / sum) * WEIGHT_SUM);
  const weights = exact.map(Math.floor);
  const missing = WEIGHT_SUM - weights.reduce((total, weight) => total + weight, 0);
  const byRemainder = exact.map((value, i) => i).sort((a, b) => remainder(exact, b) - remainder(exact, a) || a - b);
  for (const i of byRemainder.slice(0, missing)) weights[i] = (weights[i] as number) + 1;
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  return kept
    .map(({ part: _part, ...way }, i) => ({ ...way, weight: (weights[i] as number) / divisor }))
    .filter(({ weight }) => weight > 0);
}

function remainder(exact: readonly number[], i: number): number {
  return (exact[i] as number) % 1;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
