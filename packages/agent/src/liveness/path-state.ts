import type { PathState } from "@sextant/model";
import type { LoopCounters, ProbeCounters } from "../reconcile/data-plane";

/** State of a list by its counters. "unproven" (nothing back yet, too few missing to call it dead) is usable. */
export function pathState(seen: LoopCounters, multiplier: number): PathState {
  if (outstanding(seen) >= BigInt(multiplier)) return "dead";
  return seen.returnedCount > 0n ? "alive" : "unproven";
}

/**
 * The way back that is dead though the list is not, by the kernel's counters alone: 1 the first, 2 the alternate, 0 none. The
 * other one must answer: else nothing is known of ways back.
 */
export function deadReturnOf(state: PathState, { loops }: ProbeCounters, multiplier: number): 0 | 1 | 2 {
  if (state === "dead" || loops === undefined) return 0;
  const [first, alternate] = loops.map((loop) => pathState(loop, multiplier) === "dead");
  if (first === alternate) return 0;
  return first === true ? 1 : 2;
}

/** Probes up to the highest returned one have a known fate, and so have those `multiplier` or more behind the newest. */
export function knownFates(seen: LoopCounters, multiplier: number): bigint {
  const tooOld = seen.sent - BigInt(multiplier);
  return seen.returned > tooOld ? seen.returned : tooOld;
}

/** Probes sent after the last one that came back, on 64-bit counters that may wrap. */
export function outstanding({ sent, returned }: LoopCounters): bigint {
  return BigInt.asUintN(64, sent - returned);
}
