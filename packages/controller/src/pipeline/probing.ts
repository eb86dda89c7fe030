import {
  contentHash,
  type DesiredListProbing,
  type DesiredProbing,
  type Intent,
  type ListKey,
  PROBING_KEY,
  type Revised,
} from "@sextant/model";
import { directedLinkKeyOf } from "../topology/directed-link";
import type { FlatGraph } from "../topology/flat-graph";
import type { ListEntry, PolicyEntries } from "./entries";

/** Lists that nobody needs to watch links by are only verified: this often, or at the host's rate where that is lower. */
export const VERIFY_INTERVAL_US = 1_000_000;
const DEFAULT_VIOLATION_MS = 1_000;

/** What a host is to know of its lists beyond their segments. */
export interface ProbingParts {
  readonly graph: FlatGraph;
  /** All policies of the host, with their intents. */
  readonly policies: readonly { readonly entries: PolicyEntries; readonly intent: Intent }[];
  /** Lists that no policy uses. */
  readonly retained: readonly ListEntry[];
  /** Lists that are only to be verified. */
  readonly verified: ReadonlySet<ListKey>;
  /** The host's setting. */
  readonly hostIntervalUs: number;
}

/** What the intents that use a list ask for, the strictest of each; undefined: none does. */
export interface ListAsks {
  readonly intervalUs: number | undefined;
  readonly multiplier: number | undefined;
  readonly maxDelayUs: number | undefined;
  readonly maxLossPpm: number | undefined;
  readonly violationMs: number | undefined;
}

const NOTHING_ASKED: ListAsks = {
  ...{ intervalUs: undefined, multiplier: undefined },
  ...{ maxDelayUs: undefined, maxLossPpm: undefined, violationMs: undefined },
};

/**
 * Stage push: how a host is to probe its lists; undefined when it has none. An entry of its own, so that another rate never changes a list.
 * Equal inputs give equal revisions.
 */
export function probingEntry({
  graph,
  policies,
  retained,
  verified,
  hostIntervalUs,
}: ProbingParts): Revised | undefined {
  const entries = new Map<ListKey, ListEntry>(retained.map((list) => [list.entry.key, list]));
  const asks = new Map<ListKey, ListAsks>();
  for (const { entries: policy, intent } of policies) {
    const asked = asksOf(intent);
    for (const list of policy.lists) {
      const { key } = list.entry;
      entries.set(key, list);
      asks.set(key, strictest(asks.get(key) ?? NOTHING_ASKED, asked));
    }
  }
  if (entries.size === 0) return undefined;
  const lists = [...entries.values()]
    .map((list) => {
      const asked = asks.get(list.entry.key) ?? NOTHING_ASKED;
      const plannedUs = verified.has(list.entry.key) ? Math.max(VERIFY_INTERVAL_US, hostIntervalUs) : hostIntervalUs;
      const intervalUs = Math.min(plannedUs, asked.intervalUs ?? plannedUs);
      return listProbing(graph, list, asked, intervalUs === hostIntervalUs ? 0 : intervalUs);
    })
    .sort((a, b) => (a.list < b.list ? -1 : 1));
  const entry: DesiredProbing = { kind: "probing", key: PROBING_KEY, lists };
  return { revision: contentHash(textOf(lists)), entry };
}

/** What an intent asks of each of its lists. */
export function asksOf({ liveness, constraints }: Intent): ListAsks {
  const { probeIntervalMs, multiplier, maxLossPercent } = liveness ?? {};
  const { maxDelayMs } = constraints;
  return {
    intervalUs: probeIntervalMs === undefined ? undefined : Math.round(probeIntervalMs * 1_000),
    multiplier,
    maxDelayUs: maxDelayMs === undefined ? undefined : Math.round(maxDelayMs * 1_000),
    maxLossPpm: maxLossPercent === undefined ? undefined : Math.round(maxLossPercent * 10_000),
    violationMs: liveness?.violationMs,
  };
}

/** Rows, as a plan may change the entries of all hosts at once, and rows are written in a fraction of the time that objects take. */
function textOf(lists: readonly DesiredListProbing[]): string {
  const rows = lists.map(({ list, intervalUs, multiplier, maxDelayUs, maxLossPpm, violationMs, links }) => [
    ...[list, intervalUs, multiplier, maxDelayUs ?? "", maxLossPpm ?? "", violationMs],
    ...links.map(String),
  ]);
  return JSON.stringify(rows);
}

function strictest(a: ListAsks, b: ListAsks): ListAsks {
  return {
    intervalUs: least(a.intervalUs, b.intervalUs),
    multiplier: least(a.multiplier, b.multiplier),
    maxDelayUs: least(a.maxDelayUs, b.maxDelayUs),
    maxLossPpm: least(a.maxLossPpm, b.maxLossPpm),
    violationMs: least(a.violationMs, b.violationMs),
  };
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function listProbing(
  graph: FlatGraph,
  { entry, loops }: ListEntry,
  asks: ListAsks,
  intervalUs: number,
): DesiredListProbing {
  return {
    list: entry.key,
    intervalUs,
    multiplier: asks.multiplier ?? 0,
    links: loops.out.map((edge) => directedLinkKeyOf(graph, edge)),
    maxDelayUs: asks.maxDelayUs,
    maxLossPpm: asks.maxLossPpm,
    violationMs: asks.violationMs ?? DEFAULT_VIOLATION_MS,
  };
}
