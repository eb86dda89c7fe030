import type { FlatGraph } from "../topology/flat-graph";
import { FEW } from "./cut-off";
import type { FlowMemory } from "./flow-memory";
import type { FlowRules } from "./flow-rules";
import type { PathQuery } from "./path-query";

/** A flow under way. */
interface Residual {
  readonly graph: FlatGraph;
  readonly query: PathQuery;
  readonly rules: FlowRules;
  readonly memory: FlowMemory;
}

/**
 * The states that a further unit could come to from the source without crossing a link in use, if these are few and the target is none of them; undefined
 * where that is not known. Whatever leaves them is in use: it is a cut of the network that the flow has filled.
 */
export function filledCut(residual: Residual): ReadonlySet<number> | undefined {
  const { source, target } = residual.query;
  const seen = new Set([source]);
  for (const state of seen) {
    leave(residual, state, seen);
    if (seen.has(target) || seen.size > FEW) return undefined;
  }
  return seen;
}

/** Adds the states to which single steps lead: the same that the search for a unit takes, the other way round. */
function leave({ graph, query, rules, memory }: Residual, state: number, seen: Set<number>): void {
  const { outStart, inStart, inEdges, edgeFrom, edgeTo, edgeLink, isHost, nodeNames } = graph;
  const { flow, through, split } = memory;
  const isInner = state >= nodeNames.length;
  const node = isInner ? state - nodeNames.length : state;
  const inner = nodeNames.length + node;
  if (!isInner) {
    const end = outStart[node + 1] as number;
    for (let edge = outStart[node] as number; edge < end; edge++) {
      const to = edgeTo[edge] as number;
      if (query.usable[edge] === 0 || (isHost[to] === 1 && to !== query.target)) continue;
      if (flow[edge] !== 0 && !rules.freeLinks.has(edgeLink[edge] as number)) continue;
      seen.add(split[to] === 1 ? nodeNames.length + to : to);
    }
    if (split[node] === 1 && (through[node] as number) > 0) seen.add(inner);
  } else if (through[node] === 0 || rules.sharing) seen.add(node);
  if (!isInner && split[node] === 1) return;
  // What arrives here can be given back.
  const end = inStart[node + 1] as number;
  for (let at = inStart[node] as number; at < end; at++) {
    const edge = inEdges[at] as number;
    if (flow[edge] !== 0) seen.add(edgeFrom[edge] as number);
  }
}
