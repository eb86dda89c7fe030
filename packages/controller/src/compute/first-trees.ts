import type { Intent } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import { queryTemplate } from "./intent-query";
import { rankCosts } from "./rank";
import { rootOfBounds } from "./source-bounds";
import type { ExpectedTrees } from "./tree-store";
import type { TreeRules } from "./whole-tree";

/** Trees of one kind, and the intents whose searches ask for each of them first. */
export interface FirstTrees {
  readonly rules: TreeRules;
  readonly byRoot: ReadonlyMap<number, readonly Intent[]>;
}

/** What is to be expected when these intents are searched for in this order. */
export function expectedOf(intents: readonly Intent[], snapshot: TopologySnapshot): ExpectedTrees[] {
  return firstTrees(intents, snapshot).map(({ rules, byRoot }) => ({ rules, roots: [...byRoot.keys()] }));
}

/**
 * Intents by the tree that their searches ask for first, that of their first host. Those from hosts that are not there are left out, and those that a
 * search throws for: whoever makes it is told why.
 */
export function firstTrees(intents: readonly Intent[], snapshot: TopologySnapshot): FirstTrees[] {
  const kinds = new Map<Float64Array, Map<Uint8Array, Map<number, Intent[]>>>();
  for (const intent of intents) {
    const tree = firstTree(intent, snapshot);
    if (tree === undefined) continue;
    const byRoot = entryOf(entryOf(kinds, tree.cost), tree.usable);
    const asked = byRoot.get(tree.root);
    if (asked === undefined) byRoot.set(tree.root, [intent]);
    else asked.push(intent);
  }
  return [...kinds].flatMap(([cost, byUsable]) =>
    Array.from(byUsable, ([usable, byRoot]) => ({ rules: { cost, usable, direction: "from" } as const, byRoot })),
  );
}

function firstTree(intent: Intent, snapshot: TopologySnapshot) {
  const graph = snapshot.flat;
  const root = rootOf(intent, graph);
  if (root === undefined) return undefined;
  try {
    const template = queryTemplate(intent, snapshot);
    const [cost = graph.cost.igp] = rankCosts(graph, template);
    return { root, cost, usable: template.superset ?? template.usable };
  } catch {
    return undefined;
  }
}

/** Where the trees of the first host that an intent names begin; undefined where it is not there. */
export function rootOf({ from }: Intent, graph: FlatGraph): number | undefined {
  const host = graph.nodeIndex.get(from.hosts[0] ?? "");
  return host === undefined ? undefined : rootOfBounds(graph, host);
}

function entryOf<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const entry = maps.get(key) ?? new Map<L, V>();
  maps.set(key, entry);
  return entry;
}
