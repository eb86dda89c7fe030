import { type Family, type Source, source } from "@sextant/metrics";
import type { PathState } from "@sextant/model";
import type { PathHealth } from "../pipeline/judge";
import { CONTROLLER_FAMILIES as FAMILIES } from "./families";
import { freshHealth, type Hosts } from "./fresh-health";

const STATES: readonly PathState[] = ["unproven", "alive", "dead"];

type PathFamily = Family<readonly ["host", "list"]>;

/** What hosts report of their segment lists. */
export function pathSources(hosts: Hosts): Source[] {
  const perPath = (family: PathFamily, value: (path: PathHealth) => number | bigint) =>
    source(family, function* () {
      for (const { labels, path } of pathsOf(hosts)) yield [labels, value(path)];
    });
  return [
    source(FAMILIES.pathState, function* () {
      for (const { labels, path } of pathsOf(hosts)) {
        for (const state of STATES) yield [[...labels, state], path.state === state ? 1 : 0];
      }
    }),
    perPath(FAMILIES.pathWithheld, ({ withheld }) => Number(withheld)),
    perPath(FAMILIES.pathReturnDead, ({ state, deadReturns }) => Number(state === "alive" && deadReturns !== 0)),
    source(FAMILIES.pathRoundTrip, function* () {
      for (const { labels, path } of pathsOf(hosts)) {
        if (path.probesReturned > 0) yield [labels, path.roundTripUs / 1e6];
      }
    }),
    perPath(FAMILIES.pathLoss, ({ lossPpm }) => lossPpm / 1e6),
    perPath(FAMILIES.pathChanged, ({ sinceMs }) => sinceMs / 1e3),
    perPath(FAMILIES.pathProbesSent, ({ probesSent }) => probesSent),
    perPath(FAMILIES.pathProbesReturned, ({ probesReturned }) => probesReturned),
    perPath(FAMILIES.pathPackets, ({ traffic }) => traffic.packets),
    perPath(FAMILIES.pathBytes, ({ traffic }) => traffic.bytes),
  ];
}

function* pathsOf(hosts: Hosts) {
  for (const { host, health } of freshHealth(hosts)) {
    for (const [list, path] of health.paths) {
      yield { labels: [host, list.slice("list/".length)] as const, path };
    }
  }
}
