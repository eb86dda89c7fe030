import fc from "fast-check";
import { igpRows, PLAIN_KIND } from "../../packages/controller/src/compute/igp-rows";
import { otherWayBack } from "../../packages/controller/src/compute/other-way-back";
import { edgesAlong } from "../../packages/controller/src/compute/path-edges";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import type { Hop } from "./brute-force";
import { type WalkCase, walkCases, waysHome } from "./encode-cases";
import { check } from "./fuzz";
import { randomNetwork, topologyFor } from "./random-network";

/** Walks through networks of which half have metrics that are the same both ways. */
const walks = fc.boolean().chain((isSymmetric) =>
  walkCases(
    6,
    9,
    7,
    randomNetwork(6, 9).map((network) =>
      isSymmetric ? { ...network, links: network.links.map((link) => ({ ...link, igpBack: link.igp })) } : network,
    ),
  ),
);

/** Fewest links of the walk, then IGP metric, then hops, then the names of links in travel order. */
function compareWays(walk: readonly Hop[]) {
  const names = new Set(walk.map(({ link }) => link.name));
  const shared = (way: readonly Hop[]) => way.filter(({ link }) => names.has(link.name)).length;
  const metric = (way: readonly Hop[]) => way.reduce((sum, { igp }) => sum + igp, 0);
  const text = (way: readonly Hop[]) => way.map(({ link }) => link.name.padStart(20)).join(" ");
  return (a: readonly Hop[], b: readonly Hop[]) =>
    shared(a) - shared(b) || metric(a) - metric(b) || a.length - b.length || (text(a) < text(b) ? -1 : 1);
}

function bestWay({ igp, walk }: WalkCase): string[] {
  const [best = []] = [...waysHome(igp, walk)].sort(compareWays(walk));
  return best.map(({ link }) => link.name);
}

test("the other way back is the best of all ways home by shared links, metric, hops and names; none where that is the path itself", () => {
  check(2_000, 5, fc.tuple(walks, fc.boolean()), ([sample, hasRows]) => {
    const { igp, walk } = sample;
    const nodes = [walk[0]?.from ?? "", ...walk.map(({ to }) => to)];
    fc.pre(walk.length > 0 && new Set(nodes).size === nodes.length);
    const { flat } = createSnapshot(topologyFor(igp.network), 1);
    if (hasRows) igpRows(flat).make(PLAIN_KIND, [...flat.nodeNames.keys()]);
    const links = walk.map(({ link }) => link.name);
    const out = edgesAlong(flat, { nodes, links });
    const best = bestWay(sample);
    const isOther = best.join() !== [...links].reverse().join();
    // The second answer is a kept one.
    for (const way of [otherWayBack(flat, out), otherWayBack(flat, out)]) {
      expect(way?.map((edge) => flat.linkNames[flat.edgeLink[edge] ?? -1])).toEqual(isOther ? best : undefined);
    }
  });
});
