import type { Issue, Topology } from "@sextant/model";
import { buildNetwork, type NetworkLink, type PlacementNetwork } from "./network";

/**
 * The network of a topology: each link that is up in both directions, called `name:from>to`. A link that states no capacity has no limit.
 * One of capacity 0 can have no utilisation and is an issue; `file` names its origin.
 */
export function networkFromTopology(
  topology: Topology,
  file: string,
): PlacementNetwork | { readonly issues: readonly Issue[] } {
  const index = new Map(topology.nodes.map(({ name }, i) => [name, i]));
  const issues: Issue[] = [];
  const links = topology.links
    .filter(({ state }) => state === "up")
    .flatMap((link) =>
      [link.aToB, link.bToA].map(({ from, to, igp, capacityMbps }): NetworkLink => {
        const name = `${link.name}:${from}>${to}`;
        if (capacityMbps === 0) issues.push(noCapacity(file, name));
        return { name, from: index.get(from) ?? -1, to: index.get(to) ?? -1, igp, capacityMbps };
      }),
    );
  if (issues.length > 0) return { issues };
  const nodes = topology.nodes.map(({ name, kind }) => ({ name, isHost: kind === "host" }));
  return buildNetwork(nodes, links);
}

function noCapacity(file: string, name: string): Issue {
  return {
    code: "out_of_range",
    path: "spec.links",
    message: `link ${name} has capacity 0: give it one, or state: down`,
    at: { file, line: 1, column: 1 },
  };
}
