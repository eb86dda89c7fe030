import { CONTROLLER_FAMILIES as C } from "@sextant/controller";
import { type Match, maxBy, select, sumBy } from "./promql";

type PathMatch = Match<readonly ["host", "list"]>;

/** State of paths as one number each: 0 dead, 1 unproven, 2 alive. `PATH_STATES` gives the words. */
export function pathState(match: PathMatch = {}): string {
  const state = (name: string) => maxBy(["host", "list"], select(C.pathState, { ...match, state: name }));
  return `2 * ${state("alive")} + ${state("unproven")}`;
}

/**
 * Something of paths, for those that the policies of an intent have, with `endpoint` and `preference`. A path may serve several
 * policies, so policies are on the side of "many".
 */
export function ofIntent(intent: string, perPath: string): string {
  const uses = maxBy(["host", "list", "endpoint", "preference"], select(C.policyPath, { intent }));
  return `${uses} * on (host, list) group_left () (${perPath})`;
}

/** Paths in each state. */
export const PATHS_BY_STATE = sumBy(["state"], select(C.pathState));
