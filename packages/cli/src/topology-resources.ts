import type { LinkDirection } from "@sextant/model";
import { topologyOf } from "./domain-of-resource";
import type { JsonObject, Resource } from "./resource";

/** Each node of a topology as a resource of its own. */
export function nodeResources(resource: Resource): Resource[] {
  return topologyOf(resource).nodes.map(({ name, labels, decapsulationSid, ...rest }) => {
    const spec = { ...rest, ...(decapsulationSid === undefined ? {} : { decapsulationSid }) };
    return { kind: "Node", name, labels, generation: resource.generation, spec, status: {} };
  });
}

/** Each link of a topology as a resource of its own; a capacity without limit is left out. */
export function linkResources(resource: Resource): Resource[] {
  return topologyOf(resource).links.map(({ name, aToB, bToA, ...rest }) => {
    const spec = { ...rest, aToB: limited(aToB), bToA: limited(bToA) };
    return { kind: "Link", name, labels: {}, generation: resource.generation, spec, status: {} };
  });
}

function limited({ capacityMbps, ...rest }: LinkDirection): JsonObject {
  return capacityMbps === Number.MAX_SAFE_INTEGER ? rest : { ...rest, capacityMbps };
}
