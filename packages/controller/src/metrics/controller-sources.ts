import { type Source, source } from "@sextant/metrics";
import type { Controller } from "../runtime/controller";
import { CONTROLLER_VERSION } from "../version";
import type { ControllerInstruments } from "./controller-instruments";
import { CONTROLLER_FAMILIES as FAMILIES } from "./families";
import { hostSources } from "./host-sources";
import { intentSources } from "./intent-sources";
import { linkSources, reservationSources } from "./link-sources";
import { pathSources } from "./path-sources";
import { policySources } from "./policy-sources";

/** What is exported of a controller. */
export interface ControllerExports {
  readonly controller: Controller;
  readonly instruments: Pick<ControllerInstruments, "transitions">;
  readonly maxSessions: number;
}

/** Everything that one scrape of a controller reads, in the order of the answer; made anew for each scrape. */
export function controllerSources({ controller, instruments, maxSessions }: ControllerExports): Source[] {
  return [
    source(FAMILIES.info, () => [[[CONTROLLER_VERSION], 1]]),
    source(FAMILIES.term, () => [[[], controller.term]]),
    source(FAMILIES.sessions, () => [[[], controller.sessions]]),
    source(FAMILIES.sessionsMax, () => [[[], maxSessions]]),
    ...hostSources(controller),
    ...pathSources(controller),
    source(FAMILIES.pathTransitions, () => instruments.transitions()),
    ...policySources(controller),
    ...intentSources(controller),
    ...linkSources(() => controller.links),
    ...reservationSources(() => controller.plans.bandwidth),
  ];
}
