import type { Intent } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";

/**
 * Intents put so that those from hosts behind one router come together: they share shortest-path trees, which may not be kept until another one asks. Within a
 * router the order stays.
 */
export function bySource(intents: readonly Intent[], graph: FlatGraph): Intent[] {
  const groups = new Map<number, Intent[]>();
  for (const intent of intents) {
    const router = routerOf(intent, graph);
    const group = groups.get(router);
    if (group === undefined) groups.set(router, [intent]);
    else group.push(intent);
  }
  return [...groups.values()].flat();
}

/** The router of the first host that an intent names; -1 where it names none. */
function routerOf({ from }: Intent, graph: FlatGraph): number {
  const host = graph.nodeIndex.get(from.hosts[0] ?? "");
  return host === undefined ? -1 : (graph.edgeTo[graph.outStart[host] as number] ?? -1);
}
