import type { DemandSet, Placement, PlacementNetwork } from "@sextant/placement";
import { type NaiveDemand, NaiveEcmp } from "./naive-ecmp";

/** The oracle for a network of the product's. */
export function naiveEcmpOf(network: PlacementNetwork): NaiveEcmp {
  const { nodeNames, linkNames, isHost } = network;
  const name = (node: number | undefined) => nodeNames[node ?? -1] ?? "";
  return new NaiveEcmp(
    nodeNames,
    linkNames.map((link, i) => ({
      name: link,
      from: name(network.linkFrom[i]),
      to: name(network.linkTo[i]),
      igp: network.igp[i] ?? 0,
      capacityMbps: network.capacityMbps[i] ?? 0,
    })),
    new Set(nodeNames.filter((_, node) => isHost[node] === 1)),
  );
}

/** A placement by names; demands without lists are left out. */
export function naiveDemandsOf(network: PlacementNetwork, demands: DemandSet, placement: Placement): NaiveDemand[] {
  const name = (node: number | undefined) => network.nodeNames[node ?? -1] ?? "";
  return placement.flatMap((lists, i): NaiveDemand[] => {
    if (lists.length === 0) return [];
    const named = lists.map(({ weight, midpoints, links }) => ({
      weight,
      midpoints: midpoints.map(name),
      ...(links === undefined ? {} : { links: links.map((link) => network.linkNames[link] ?? "") }),
    }));
    return [{ from: name(demands.from[i]), to: name(demands.to[i]), mbps: demands.mbps[i] ?? 0, lists: named }];
  });
}
