import type { PathState } from "@sextant/model";
import type { ProbeCounters } from "../reconcile/data-plane";

/** State of a list by its counters. "unproven" (nothing back yet, too few missing to call it dead) is usable. */
export function pathState(seen: ProbeCounters, multiplier: number): PathState {
  if (outstanding(seen) >= BigInt(multiplier)) return "dead";
  return seen.returnedCount > 0n ? "alive" : "unproven";
}

/** Probes up to the highest returned one have a known fate, and so have those `multiplier` or more behind the newest. */
export function knownFates(seen: ProbeCounters, multiplier: number): bigint {
  const tooOld = seen.sent - BigInt(multiplier);
  return seen.returned > tooOld ? seen.returned : tooOld;
}

/** Probes sent after the last one that came back, on 64-bit counters that may wrap. */
function outstanding({ sent, returned }: ProbeCounters): bigint {
  return BigInt.asUintN(64, sent - returned);
}
