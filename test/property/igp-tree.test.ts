import { treeTowards } from "../../packages/controller/src/compute/distances-to";
import { igpTree } from "../../packages/controller/src/compute/igp";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { check } from "./fuzz";
import { randomNetwork, topologyFor } from "./random-network";

test("the tree towards a host, which follows from its router's, is the one that a search towards the host finds", () => {
  check(1_000, 5, randomNetwork(), (network) => {
    const { flat } = createSnapshot(topologyFor(network), 1);
    flat.nodeNames.forEach((_, target) => {
      const searched = treeTowards(flat, target, flat.cost.igp);
      const tree = igpTree(flat, target);
      const nodes = flat.nodeNames.map((__, node) => node);
      expect(nodes.map((node) => tree.distance(node))).toEqual([...searched.distance]);
      expect(nodes.map((node) => tree.soleNextHop(node))).toEqual([...searched.soleNextHop]);
    });
  });
});
