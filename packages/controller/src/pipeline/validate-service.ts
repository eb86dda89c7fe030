import { didYouMean, formatPath, type Issue, type ParsedDocument, type Topology } from "@sextant/model";

/** Stage validate for services: every instance sits behind a node of the topology. */
export function validateService(document: Extract<ParsedDocument, { kind: "Service" }>, topology: Topology): Issue[] {
  const nodes = new Set(topology.nodes.map((node) => node.name));
  return document.spec.instances.flatMap(({ node }, i): Issue[] => {
    if (nodes.has(node)) return [];
    const path = ["spec", "instances", i, "node"];
    const message = `unknown node "${node}"${didYouMean(node, nodes)}`;
    return [{ code: "unknown_reference", path: formatPath(path), message, at: document.locate(path) }];
  });
}
