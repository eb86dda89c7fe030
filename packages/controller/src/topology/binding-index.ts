import type { Binding, Topology } from "@sextant/model";
import { edgeOf } from "./directed-link";
import type { FlatGraph } from "./flat-graph";

/** A binding SID and the edges that it takes packets over. */
interface BindingEdges {
  readonly binding: Binding;
  readonly edges: readonly number[];
}

/** Binding SIDs by their first edge, those of one edge in order of name. */
export type BindingIndex = ReadonlyMap<number, readonly BindingEdges[]>;

/** The binding SIDs of which every link is declared up. */
export function indexBindings({ bindings }: Topology, graph: FlatGraph): BindingIndex {
  const index = new Map<number, BindingEdges[]>();
  for (const binding of bindings) {
    const edges = binding.path.flatMap((link) => edgeOf(graph, link) ?? []);
    const [first] = edges;
    if (first === undefined || edges.length < binding.path.length) continue;
    const others = index.get(first);
    if (others === undefined) index.set(first, [{ binding, edges }]);
    else others.push({ binding, edges });
  }
  return index;
}

/** A binding SID that takes a packet along part of a path: from the node at position `start` to the one at `end`. */
export interface BindingSpan {
  readonly binding: Binding;
  readonly start: number;
  readonly end: number;
}

const NO_SPANS: readonly BindingSpan[] = [];

/** Every binding SID whose edges the path along `edges` has in a row. */
export function spansAlong(index: BindingIndex, edges: readonly number[]): readonly BindingSpan[] {
  if (index.size === 0) return NO_SPANS;
  return edges.flatMap((first, start) =>
    (index.get(first) ?? []).flatMap((each) =>
      each.edges.every((edge, i) => edges[start + i] === edge)
        ? { binding: each.binding, start, end: start + each.edges.length }
        : [],
    ),
  );
}
