import type { Binding } from "../binding";
import type { IssueCode } from "../issue";
import { adjacencySid, decapsulationSid } from "../sid";
import type { Link, TopologyNode } from "../topology";
import type { FieldPath } from "./field-path";
import { didYouMean } from "./nearest-name";
import type { TopologySpec } from "./schema";

type Report = (code: IssueCode, path: FieldPath, message: string) => void;
type BindingSpec = TopologySpec["bindings"][number];

/** What is known of a link before its SIDs are. */
interface NamedLink {
  readonly name: string;
  readonly spec: Pick<TopologySpec["links"][number], "a" | "b" | "aToB" | "bToA">;
}

/** Reports every inconsistency of the binding SIDs: names, functions, and links that do not lead on. */
export function checkBindings(spec: TopologySpec, declared: readonly NamedLink[], report: Report): void {
  if (spec.bindings.length === 0) return;
  const nodes = new Map(spec.nodes.map((node) => [node.name, node]));
  const links = new Map(declared.map((link) => [link.name, link]));
  const functions = adjacencyFunctionsByNode(declared);
  const names = new Set<string>();
  spec.bindings.forEach((binding, i) => {
    const path: FieldPath = ["spec", "bindings", i];
    if (names.has(binding.name)) report("duplicate", [...path, "name"], `binding "${binding.name}" is declared twice`);
    names.add(binding.name);
    const key = `${binding.node} ${binding.function}`;
    const owner = functions.get(key);
    if (owner !== undefined) {
      const written = `0x${binding.function.toString(16)}`;
      report("duplicate", [...path, "function"], `"${binding.node}" already uses function ${written} for ${owner}`);
    }
    functions.set(key, `binding "${binding.name}"`);
    const node = nodes.get(binding.node);
    if (node === undefined) {
      const hint = didYouMean(binding.node, nodes.keys());
      report("unknown_reference", [...path, "node"], `unknown node "${binding.node}"${hint}`);
    } else if (node.kind === "host") {
      report("invalid_value", [...path, "node"], `"${binding.node}" is a host: only routers know binding SIDs`);
    } else {
      checkLength(binding, node.maxSegments, path, report);
      checkPath(binding, path, nodes, links, report);
    }
  });
}

function adjacencyFunctionsByNode(declared: readonly NamedLink[]): Map<string, string> {
  return new Map(
    declared.flatMap(({ name, spec: { a, b, aToB, bToA } }) =>
      [
        { node: a, value: aToB?.adjacencyFunction },
        { node: b, value: bToA?.adjacencyFunction },
      ].flatMap(({ node, value }): [string, string][] =>
        value === undefined ? [] : [[`${node} ${value}`, `link "${name}"`]],
      ),
    ),
  );
}

/** A link takes a segment each, and so does the end. */
function checkLength({ node, path }: BindingSpec, maxSegments: number, at: FieldPath, report: Report): void {
  const needed = path.length + 1;
  if (needed <= maxSegments) return;
  const message = `${path.length} links need ${needed} segments, and "${node}" can put on ${maxSegments}: see its maxSegments`;
  report("conflict", [...at, "path"], message);
}

/** Follows the links as far as they lead on; what is behind the first one that does not cannot be judged. */
function checkPath(
  binding: BindingSpec,
  at: FieldPath,
  nodes: ReadonlyMap<string, TopologySpec["nodes"][number]>,
  links: ReadonlyMap<string, NamedLink>,
  report: Report,
): void {
  let here = binding.node;
  for (const [i, name] of binding.path.entries()) {
    const path = [...at, "path", i];
    const link = links.get(name);
    if (link === undefined) {
      report("unknown_reference", path, `unknown link "${name}"${didYouMean(name, links.keys())}`);
      return;
    }
    const { a, b } = link.spec;
    if (a !== here && b !== here) {
      report("conflict", path, `link "${name}" joins "${a}" and "${b}", and the path is at "${here}"`);
      return;
    }
    here = a === here ? b : a;
    if (nodes.get(here)?.kind === "host") {
      report("invalid_value", path, `link "${name}" leads to host "${here}": the path of a binding has routers only`);
      return;
    }
  }
}

/** The binding SIDs of a sound topology, in order of name. */
export function buildBindings(
  { bindings, locatorBlock }: TopologySpec,
  nodes: readonly TopologyNode[],
  links: readonly Link[],
): Binding[] {
  if (bindings.length === 0) return [];
  const ids = new Map(nodes.map((node) => [node.name, node.nodeId]));
  const linkByName = new Map(links.map((link) => [link.name, link]));
  const build = ({ name, node, function: value, path }: BindingSpec): Binding => {
    let here = node;
    const directions = path.flatMap((linkName) => {
      const link = linkByName.get(linkName);
      if (link === undefined) return [];
      const direction = link.a === here ? link.aToB : link.bToA;
      here = direction.to;
      return [{ link: linkName, from: direction.from, sid: direction.adjacencySid }];
    });
    return {
      name,
      node,
      sid: adjacencySid(locatorBlock, ids.get(node) ?? 0, value),
      path: directions.map(({ link, from }) => ({ link, from })),
      end: here,
      segments: [...directions.map(({ sid }) => sid), decapsulationSid(locatorBlock, ids.get(here) ?? 0)],
    };
  };
  return bindings.map(build).sort((x, y) => (x.name < y.name ? -1 : 1));
}

/** Function bits that bindings have taken, by node. */
export function bindingFunctions({ bindings }: TopologySpec): Map<string, number[]> {
  const functions = new Map<string, number[]>();
  for (const { node, function: value } of bindings) functions.set(node, [...(functions.get(node) ?? []), value]);
  return functions;
}
