import type { LinkDirection } from "@sextant/model";
import { topologyOf } from "./domain-of-resource";
import type { JsonObject, Resource } from "./resource";

/** Each node of a topology as a resource of its own. */
export function nodeResources(resource: Resource): Resource[] {
  return topologyOf(resource).nodes.map((node) => derived("Node", node, resource));
}

/** Each link of a topology as a resource of its own; a capacity without limit is left out. */
export function linkResources(resource: Resource): Resource[] {
  return topologyOf(resource).links.map(({ aToB, bToA, ...link }) => {
    return derived("Link", { ...link, aToB: limited(aToB), bToA: limited(bToA) }, resource);
  });
}

function limited({ capacityMbps, ...rest }: LinkDirection): object {
  return capacityMbps === Number.MAX_SAFE_INTEGER ? rest : { ...rest, capacityMbps };
}

interface Part {
  readonly name: string;
  readonly labels?: Resource["labels"];
}

function derived<P extends Part>(kind: "Node" | "Link", part: P, { generation }: Resource): Resource {
  const { name, ...spec } = part;
  const labels = part.labels ?? {};
  return { kind, name, labels, generation, spec: spec as unknown as JsonObject, status: {} };
}
