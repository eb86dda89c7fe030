import type { Constraints } from "@sextant/model";
import type { Obstacle } from "./intent-query";
import { stopName } from "./stops";

/** Of the entries of one constraint, this many are tried one by one. */
const MAX_TRIALS = 32;

interface WithoutOne {
  /** What was left out: `avoid.nodes lon`. */
  readonly entry: string;
  readonly constraints: Constraints;
}

/** The constraints without one entry of a constraint that is a list, for each entry; nothing where there are too many or one alone. */
export function constraintsWithoutOne(constraints: Constraints, obstacle: Obstacle): WithoutOne[] {
  const all = everyWithoutOne(constraints, obstacle);
  return all.length > MAX_TRIALS ? [] : all;
}

function everyWithoutOne(constraints: Constraints, obstacle: Obstacle): WithoutOne[] {
  if (obstacle === "via") {
    return constraints.via.map((stop, i) => ({
      entry: `via ${stopName(stop)}`,
      constraints: { ...constraints, via: constraints.via.filter((_, other) => other !== i) },
    }));
  }
  if (obstacle === "avoid" || obstacle === "include") {
    const without = lists(constraints[obstacle], ["nodes", "links", "srlgs"], obstacle);
    return without.map(({ entry, value }) => ({ entry, constraints: { ...constraints, [obstacle]: value } }));
  }
  if (obstacle !== "affinity") return [];
  // One name fewer in `any` asks for more, not for less.
  const without = lists(constraints.affinity, ["all", "none"], obstacle);
  return without.map(({ entry, value }) => ({ entry, constraints: { ...constraints, affinity: value } }));
}

function lists<T extends object>(value: T, fields: readonly (keyof T & string)[], name: string) {
  return fields.flatMap((field) => {
    const names = value[field] as readonly string[];
    return names.map((left, i) => ({
      entry: `${name}.${field} ${left}`,
      value: { ...value, [field]: names.filter((_, other) => other !== i) },
    }));
  });
}
