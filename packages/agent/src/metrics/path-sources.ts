import { performance } from "node:perf_hooks";
import { type Family, type Source, source } from "@sextant/metrics";
import type { ListKey, PathState } from "@sextant/model";
import type { PathObservation } from "../pipeline/observe";
import { AGENT_FAMILIES as FAMILIES } from "./families";

const STATES: readonly PathState[] = ["unproven", "alive", "dead"];

/** The segment lists of a host; `judged` says since when, on the monotonic clock, each is in its state. */
export function pathSources(
  host: string,
  paths: readonly PathObservation[],
  judged: ReadonlyMap<ListKey, { readonly sinceMs: number }>,
): Source[] {
  const labelsOf = ({ list }: PathObservation) => [host, list.slice("list/".length)] as const;
  const perPath = (
    family: Family<readonly ["host", "list"]>,
    value: (path: PathObservation) => number | bigint,
    among: readonly PathObservation[] = paths,
  ) => source(family, () => among.map((path) => [labelsOf(path), value(path)]));
  const returned = paths.filter(({ probesReturned }) => probesReturned > 0n);
  return [
    source(FAMILIES.pathState, function* () {
      for (const path of paths) {
        for (const state of STATES) yield [[...labelsOf(path), state], path.state === state ? 1 : 0];
      }
    }),
    perPath(FAMILIES.pathWithheld, ({ withheld }) => Number(withheld)),
    perPath(FAMILIES.pathRoundTrip, ({ roundTripUs }) => roundTripUs / 1e6, returned),
    perPath(FAMILIES.pathRoundTripMean, ({ meanRoundTripUs }) => meanRoundTripUs / 1e6, returned),
    perPath(FAMILIES.pathJitter, ({ jitterUs }) => jitterUs / 1e6, returned),
    perPath(FAMILIES.pathLoss, ({ lossPpm }) => lossPpm / 1e6),
    source(FAMILIES.pathChanged, function* () {
      for (const path of paths) {
        const sinceMs = judged.get(path.list)?.sinceMs;
        // From the start of the process, not from now: the same change is the same number at each scrape.
        if (sinceMs !== undefined) yield [labelsOf(path), (performance.timeOrigin + sinceMs) / 1e3];
      }
    }),
    perPath(FAMILIES.pathStateChanges, ({ transitions }) => transitions),
    perPath(FAMILIES.pathProbesSent, ({ probesSent }) => probesSent),
    perPath(FAMILIES.pathProbesReturned, ({ probesReturned }) => probesReturned),
    perPath(FAMILIES.pathTcpSegments, ({ tcp }) => tcp.sent),
    perPath(FAMILIES.pathTcpRetransmissions, ({ tcp }) => tcp.sentAgain),
    perPath(FAMILIES.pathTcpSpurious, ({ tcp }) => tcp.cameTwice),
    perPath(
      FAMILIES.pathTcpRoundTrip,
      ({ tcp }) => (tcp.roundTripUs ?? 0) / 1e6,
      paths.filter(({ tcp }) => tcp.roundTripUs !== undefined),
    ),
    perPath(FAMILIES.pathPackets, ({ packets }) => packets),
    perPath(FAMILIES.pathBytes, ({ bytes }) => bytes),
  ];
}
