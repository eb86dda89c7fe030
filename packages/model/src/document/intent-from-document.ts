import type { Application, BandwidthReservation, Goal, Intent, Multipath, Spread, Stop } from "../intent";
import type { Service } from "../service";
import type { ParsedDocument } from "./parse";
import type { GoalSpec } from "./objective-schema";
import type { IntentSpec } from "./schema";

/** The domain intent of a document; `generation` and `order` are what the store counts. Services that it goes via have no instances yet. */
export function intentFromDocument(
  document: Extract<ParsedDocument, { kind: "Intent" }>,
  generation: number,
  order = 0,
): Intent {
  const { application, constraints, multipath, liveness, reservation, objective, ...rest } = document.spec;
  const { avoid, include, affinity, via, ...bounds } = constraints;
  return {
    name: document.name,
    generation,
    order,
    ...rest,
    application: applicationFrom(application),
    multipath: multipathFrom(multipath),
    ...(liveness === undefined ? {} : { liveness: present(liveness) }),
    ...(reservation === undefined ? {} : { reservation: reservationFrom(reservation) }),
    objective: (Array.isArray(objective) ? objective : [objective]).map(goalFrom),
    constraints: { avoid, include, affinity, via: via.map(stopFrom), ...present(bounds) },
  };
}

/** The schema leaves exactly one of the two. */
function goalFrom({ minimize }: GoalSpec): Goal {
  if (minimize === undefined) return { kind: "bottleneck", of: "bandwidth" };
  if (minimize === "utilisation") return { kind: "bottleneck", of: minimize };
  return { kind: "sum", weights: typeof minimize === "string" ? { [minimize]: 1 } : present(minimize) };
}

/** The schema leaves exactly one of the two. */
function stopFrom({ node, service = "" }: IntentSpec["constraints"]["via"][number]): Stop {
  return node === undefined ? { service, instances: [] } : { node };
}

function applicationFrom(spec: IntentSpec["application"]): Application {
  const { sources, sourcePorts, ports, ...given } = spec;
  return { ...present(given), sources, sourcePorts, ports };
}

/** Without the fields that are absent. */
function present<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

function multipathFrom({ paths, weights, spread, flowletGapUs }: IntentSpec["multipath"]): Multipath {
  const kind: Spread = spread === "flowlet" ? { kind: spread, gapUs: flowletGapUs } : { kind: spread };
  return { paths, weights, spread: kind };
}

function reservationFrom(spec: NonNullable<IntentSpec["reservation"]>): BandwidthReservation {
  return { ...spec, holdPriority: spec.holdPriority ?? spec.setupPriority };
}

/** The domain service of a document. */
export function serviceFromDocument(document: Extract<ParsedDocument, { kind: "Service" }>): Service {
  return { name: document.name, ...document.spec };
}
