import { type Source, source } from "@sextant/metrics";
import type { LinkHealthState, LinkHealthView } from "../liveness/link-health-view";
import { CONTROLLER_FAMILIES as FAMILIES } from "./families";

/** Links that are not used because of what was found, on probation included. */
const KEPT_OFF: ReadonlySet<LinkHealthState> = new Set(["down", "probation"]);

/** Links that reports speak against; at most those of the topology. `links` gives those of the moment. */
export function linkSources(links: () => ReadonlyMap<string, LinkHealthView>): Source[] {
  return [
    source(FAMILIES.linkSuspicion, function* () {
      for (const [link, { suspicion }] of links()) yield [[link], suspicion];
    }),
    source(FAMILIES.linkLocalised, function* () {
      for (const [link, { state }] of links()) yield [[link], Number(KEPT_OFF.has(state))];
    }),
    source(FAMILIES.linksDown, () => [[[], [...links().values()].filter(({ state }) => KEPT_OFF.has(state)).length]]),
  ];
}
