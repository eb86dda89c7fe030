import { type HostSettings, type ListKey, PROBING_KEY } from "@sextant/model";
import { type Entries, entryOfKind } from "../reconcile/held-entry";

/** How one list is probed and what is asked of it, all defaults filled in. */
export interface ListProbing {
  readonly intervalUs: number;
  /** Probes in a row that must be missing. */
  readonly multiplier: number;
  /** Links that it crosses, by their 64-bit names. */
  readonly links: readonly bigint[];
  /** One way; half of the loop is taken for it. */
  readonly maxDelayUs: number | undefined;
  readonly maxLossPpm: number | undefined;
  /** How long a bound must be violated for the list to be left. */
  readonly violationMs: number;
}

/** How a list is probed that nothing is said of. */
export function probingOfHost({ probeIntervalMs, probeMultiplier }: HostSettings): ListProbing {
  return {
    intervalUs: probeIntervalMs * 1_000,
    multiplier: probeMultiplier,
    links: [],
    maxDelayUs: undefined,
    maxLossPpm: undefined,
    violationMs: 0,
  };
}

/** How lists are probed of which the controller has said something, by its entry `probing`. */
export function probingOfLists(wanted: Entries, settings: HostSettings): ReadonlyMap<ListKey, ListProbing> {
  const { intervalUs, multiplier } = probingOfHost(settings);
  return new Map(
    (entryOfKind(wanted, PROBING_KEY, "probing")?.lists ?? []).map(({ list, ...told }) => [
      list,
      { ...told, intervalUs: told.intervalUs || intervalUs, multiplier: told.multiplier || multiplier },
    ]),
  );
}
