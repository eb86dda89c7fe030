import type { Intent } from "../intent";
import type { Service } from "../service";
import type { ParsedDocument } from "./parse";

/** The domain intent of a document; `generation` is what the store counts. */
export function intentFromDocument(document: Extract<ParsedDocument, { kind: "Intent" }>, generation: number): Intent {
  const { application, constraints, ...rest } = document.spec;
  const { maxDelayMs, maxHops, minBandwidthMbps, avoid, via } = constraints;
  return {
    name: document.name,
    generation,
    ...rest,
    application: {
      ports: application.ports,
      ...(application.cgroup === undefined ? {} : { cgroup: application.cgroup }),
      ...(application.protocol === undefined ? {} : { protocol: application.protocol }),
    },
    constraints: {
      avoid,
      via,
      ...(maxDelayMs === undefined ? {} : { maxDelayMs }),
      ...(maxHops === undefined ? {} : { maxHops }),
      ...(minBandwidthMbps === undefined ? {} : { minBandwidthMbps }),
    },
  };
}

/** The domain service of a document. */
export function serviceFromDocument(document: Extract<ParsedDocument, { kind: "Service" }>): Service {
  return { name: document.name, ...document.spec };
}
