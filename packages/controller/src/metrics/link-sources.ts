import { type Source, source } from "@sextant/metrics";
import type { LinkHealthState, LinkHealthView } from "../liveness/link-health-view";
import type { Bandwidth } from "../bandwidth/bandwidth";
import { CONTROLLER_FAMILIES as FAMILIES } from "./families";

const BITS_PER_MBIT = 1_000_000;

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

/** What intents have reserved; at most two rows for each link of the topology. `bandwidth` gives what is in force. */
export function reservationSources(bandwidth: () => Pick<Bandwidth, "uses" | "counts">): Source[] {
  return [
    source(FAMILIES.linkReserved, function* () {
      for (const { link, from, reservedMbps } of bandwidth().uses) yield [[link, from], reservedMbps * BITS_PER_MBIT];
    }),
    source(FAMILIES.linkReservable, function* () {
      for (const { link, from, leftMbps } of bandwidth().uses) {
        if (leftMbps !== undefined) yield [[link, from], leftMbps * BITS_PER_MBIT];
      }
    }),
    source(FAMILIES.reservations, function* () {
      for (const [state, count] of Object.entries(bandwidth().counts)) yield [[state], count];
    }),
  ];
}
