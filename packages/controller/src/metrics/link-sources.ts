import { type Source, source } from "@sextant/metrics";
import { CONTROLLER_FAMILIES as FAMILIES } from "./families";

/** A link that reports speak against. */
export interface LinkSuspicion {
  /** The link's name in the topology. */
  readonly link: string;
  /** How likely it is the broken one, 0 to 1. */
  readonly ratio: number;
  /** Nothing else explains what was reported. */
  readonly isLocalised: boolean;
}

/** Links under suspicion; `suspicions` gives those of the moment. */
export function linkSources(suspicions: () => Iterable<LinkSuspicion>): Source[] {
  return [
    source(FAMILIES.linkSuspicion, function* () {
      for (const { link, ratio } of suspicions()) yield [[link], ratio];
    }),
    source(FAMILIES.linkLocalised, function* () {
      for (const { link, isLocalised } of suspicions()) yield [[link], Number(isLocalised)];
    }),
  ];
}
