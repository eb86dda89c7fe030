import type { FlexibleAlgorithm } from "../flexible-algorithm";
import { isRoutableAddress } from "../ipv6";
import { type Ipv6Prefix, prefixCovers, prefixParts } from "../ipv6-prefix";
import type { IssueCode } from "../issue";
import { BLOCK_BITS } from "../sid";
import type { FieldPath } from "./field-path";
import { didYouMean } from "./nearest-name";
import type { TopologySpec } from "./schema";

type Report = (code: IssueCode, path: FieldPath, message: string) => void;
type AlgorithmSpec = TopologySpec["algorithms"][number];

/** The flexible algorithms of a topology by number, whatever their order in the document. */
export function buildAlgorithms(spec: TopologySpec): FlexibleAlgorithm[] {
  return spec.algorithms.toSorted((a, b) => a.id - b.id);
}

/** Reports every inconsistency of the definitions, and of what nodes say that they take part in. */
export function checkAlgorithms(spec: TopologySpec, report: Report): void {
  const names = new Set<string>();
  const ids = new Map<number, string>();
  spec.algorithms.forEach((algorithm, i) => {
    const path: FieldPath = ["spec", "algorithms", i];
    const { name, id } = algorithm;
    const owner = ids.get(id);
    if (names.has(name)) report("duplicate", [...path, "name"], `algorithm "${name}" is defined twice`);
    if (owner !== undefined) report("duplicate", [...path, "id"], `id ${id} already belongs to "${owner}"`);
    names.add(name);
    ids.set(id, name);
    checkBlock(spec, i, report);
    checkRules(algorithm, path, report);
  });
  spec.nodes.forEach(({ algorithms = [] }, i) => {
    const seen = new Set<string>();
    algorithms.forEach((name, j) => {
      const path: FieldPath = ["spec", "nodes", i, "algorithms", j];
      if (!names.has(name)) report("unknown_reference", path, `unknown algorithm "${name}"${didYouMean(name, names)}`);
      if (seen.has(name)) report("duplicate", path, `"${name}" is given twice: keep one`);
      seen.add(name);
    });
  });
}

/** A SID says by its block alone which algorithm routes it. */
function checkBlock(spec: TopologySpec, index: number, report: Report): void {
  const path: FieldPath = ["spec", "algorithms", index, "locatorBlock"];
  const block = spec.algorithms[index]?.locatorBlock ?? spec.locatorBlock;
  const { address, length } = prefixParts(block);
  if (length !== BLOCK_BITS) {
    report("invalid_value", path, `must be a /${BLOCK_BITS} (F3216), got ${block}`);
    return;
  }
  if (!isRoutableAddress(address)) report("invalid_value", path, `${block} cannot be routed: use a unicast block`);
  const others: [string, Ipv6Prefix][] = [
    ["the topology's locator block", spec.locatorBlock],
    ...spec.algorithms
      .slice(0, index)
      .map(({ name, locatorBlock }): [string, Ipv6Prefix] => [`"${name}"`, locatorBlock]),
  ];
  for (const [owner, other] of others) {
    if (!prefixCovers(other, block) && !prefixCovers(block, other)) continue;
    report("conflict", path, `${block} overlaps ${other} of ${owner}: each algorithm has a block of its own`);
  }
}

/** A link that an algorithm both wants and refuses is a slip. */
function checkRules({ exclude, includeAny, includeAll }: AlgorithmSpec, path: FieldPath, report: Report): void {
  for (const [field, names] of [
    ["includeAny", includeAny],
    ["includeAll", includeAll],
  ] as const) {
    names.forEach((name, i) => {
      if (exclude.includes(name))
        report("conflict", [...path, field, i], `"${name}" is also under exclude: remove one of the two`);
    });
  }
}
