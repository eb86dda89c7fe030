import {
  API_VERSION,
  formatIssue,
  type Link,
  parseDocumentValue,
  SextantError,
  type Topology,
  type TopologyNode,
  topologyFromDocument,
} from "@sextant/model";
import type { JsonObject, Resource } from "./resource";

/** The domain topology of a resource. Throws SextantError `invalid_document` when this version cannot read it. */
export function topologyOf({ name, labels, spec }: Resource): Topology {
  const value = { apiVersion: API_VERSION, kind: "Topology", metadata: { name, labels }, spec };
  const { documents, issues } = parseDocumentValue(`Topology/${name}`, value);
  const [document] = documents;
  const topology = document?.kind === "Topology" ? topologyFromDocument(document) : { issues };
  if (!("issues" in topology)) return topology;
  const [first] = topology.issues;
  const reason = first === undefined ? "it holds no topology" : formatIssue(first);
  throw new SextantError(
    "invalid_document",
    `cannot read the topology, is the controller of another version? ${reason}`,
  );
}

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
