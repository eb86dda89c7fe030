import { topologyOf } from "../../../../test/support/network";
import type { FlatGraph } from "../topology/flat-graph";
import { createSnapshot } from "../topology/snapshot";

/** Routers one after the other, named by these numbers. */
export function chainOf(numbers: readonly number[]): FlatGraph {
  const names = numbers.map((number) => `r${String(number).padStart(4, "0")}`);
  const nodes = names.map((name, i) => ({ name, nodeId: i + 1 }));
  const links = names.slice(1).map((name, i) => ({ name: `link-${name}`, a: names[i] ?? "", b: name, igp: 1 }));
  return createSnapshot(topologyOf(nodes, links), 1).flat;
}

const IN_ORDER = Array.from({ length: 600 }, (_, i) => i);

/** Long chains, and whether going over their nodes in order soon finds all ways. */
export const LONG_CHAINS = [
  [chainOf(IN_ORDER), true],
  [chainOf(IN_ORDER.map((i) => (i * 251) % IN_ORDER.length)), false],
] as const;

/** The nodes of a graph that are no hosts. */
export function routersOf({ isHost }: FlatGraph): number[] {
  return [...isHost.keys()].filter((node) => isHost[node] === 0);
}
