import type { Application, Intent, Multipath, Spread } from "../intent";
import type { Service } from "../service";
import type { ParsedDocument } from "./parse";
import type { IntentSpec } from "./schema";

/** The domain intent of a document; `generation` is what the store counts. */
export function intentFromDocument(document: Extract<ParsedDocument, { kind: "Intent" }>, generation: number): Intent {
  const { application, constraints, multipath, liveness, ...rest } = document.spec;
  const { maxDelayMs, maxHops, minBandwidthMbps, avoid, via } = constraints;
  return {
    name: document.name,
    generation,
    ...rest,
    application: applicationFrom(application),
    multipath: multipathFrom(multipath),
    ...(liveness === undefined ? {} : { liveness: present(liveness) }),
    constraints: {
      avoid,
      via,
      ...(maxDelayMs === undefined ? {} : { maxDelayMs }),
      ...(maxHops === undefined ? {} : { maxHops }),
      ...(minBandwidthMbps === undefined ? {} : { minBandwidthMbps }),
    },
  };
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

/** The domain service of a document. */
export function serviceFromDocument(document: Extract<ParsedDocument, { kind: "Service" }>): Service {
  return { name: document.name, ...document.spec };
}
