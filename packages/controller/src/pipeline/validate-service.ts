import {
  didYouMean,
  type FieldPath,
  formatPath,
  type Issue,
  type IssueCode,
  type ParsedDocument,
  type Topology,
} from "@sextant/model";

/** Stage validate for services: every instance has a name of its own and sits behind a node of the topology. */
export function validateService(document: Extract<ParsedDocument, { kind: "Service" }>, topology: Topology): Issue[] {
  const nodes = new Set(topology.nodes.map((node) => node.name));
  const issue = (code: IssueCode, path: FieldPath, message: string): Issue => {
    return { code, path: formatPath(path), message, at: document.locate(path) };
  };
  const seen = new Set<string>();
  return document.spec.instances.flatMap(({ name, node }, i): Issue[] => {
    const isTwice = seen.has(name);
    seen.add(name);
    const path: FieldPath = ["spec", "instances", i];
    const message = `unknown node "${node}"${didYouMean(node, nodes)}`;
    return [
      ...(nodes.has(node) ? [] : [issue("unknown_reference", [...path, "node"], message)]),
      ...(isTwice ? [issue("duplicate", [...path, "name"], `instance "${name}" is declared twice`)] : []),
    ];
  });
}
