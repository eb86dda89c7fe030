import type { Link, TopologyNode } from "@sextant/model";
import { topologyOf } from "./domain-of-resource";
import type { JsonObject, Resource } from "./resource";

/** Each node of a topology as a resource of its own. */
export function nodeResources(resource: Resource): Resource[] {
  return topologyOf(resource).nodes.map((node) => derived("Node", node, resource));
}

/** Each link of a topology as a resource of its own. */
export function linkResources(resource: Resource): Resource[] {
  return topologyOf(resource).links.map((link) => derived("Link", link, resource));
}

function derived(kind: "Node" | "Link", { name, ...spec }: TopologyNode | Link, { generation }: Resource): Resource {
  const labels = "labels" in spec ? spec.labels : {};
  return { kind, name, labels, generation, spec: spec as unknown as JsonObject, status: {} };
}
