import { type EntryKey, PROBING_KEY } from "@sextant/model";
import type { EntryState } from "../reconcile/held-entry";

/** An interval at which this host was asked to probe, and cannot. */
export interface RefusedRate {
  readonly askedUs: number;
  /** The shortest that it can keep: lists are probed at this one. */
  readonly keptUs: number;
  /** How many lists share it. */
  readonly lists: number;
}

/** The states with what the entry `probing` has to be told of. Probing goes on, so the entry stays installed. */
export function withRefusedRates(
  states: ReadonlyMap<EntryKey, EntryState>,
  refused: readonly RefusedRate[],
): ReadonlyMap<EntryKey, EntryState> {
  const state = states.get(PROBING_KEY);
  if (state?.status !== "installed" || refused.length === 0) return states;
  const reason = "probe_rate_refused";
  return new Map(states).set(PROBING_KEY, { ...state, reason, message: refusedRatesMessage(refused) });
}

/** What is asked, and what is done instead. */
export function refusedRatesMessage(refused: readonly RefusedRate[]): string {
  return refused
    .map(({ askedUs, keptUs, lists }) => {
      const which = lists === 1 ? "1 list" : `${lists} lists`;
      return `this host cannot probe every ${milliseconds(askedUs)} ms: ${which} every ${milliseconds(keptUs)} ms instead`;
    })
    .join("; ");
}

/** Tenths: how busy a host is does not say more. */
function milliseconds(us: number): string {
  return String(Math.round(us / 100) / 10);
}
