import { generatedNetwork } from "../../../../test/bench/generated-network";
import { createSnapshot } from "../topology/snapshot";
import { treeTowards } from "./distances";
import { igpTree } from "./igp";

const { flat } = createSnapshot(generatedNetwork(3_000, 50), 1);
const nodes = flat.nodeNames.map((_, node) => node);

/** Every so manieth node, beginning near the target: so trees grow bit by bit, anew and on from where they are. */
test.each([1, 7, 101, 997])(
  "a tree that grows as it is asked says what the whole tree does, with every %dth node",
  (stride) => {
    for (const target of [0, 1_234, flat.nodeIndex.get("h7") ?? 0]) {
      const whole = treeTowards(flat, target, flat.cost.igp);
      const tree = igpTree(flat, target);
      const order = [...nodes].sort((a, b) => (whole.distance[a] ?? 0) - (whole.distance[b] ?? 0));
      const asked = order.filter((_, i) => i % stride === 0);
      expect(asked.map((node) => tree.soleNextHop(node))).toEqual(asked.map((node) => whole.soleNextHop[node]));
      expect(asked.map((node) => tree.distance(node))).toEqual(asked.map((node) => whole.distance[node]));
    }
  },
);

test("which next hops are the only ones is seen without the whole tree, for legs of any length", () => {
  for (const target of [11, 222, 3_033]) {
    const whole = treeTowards(flat, target, flat.cost.igp);
    const tree = igpTree(flat, target);
    const edges = [...flat.edgeFrom.keys()].filter(
      (edge) => edge % 5 === 0 && flat.isHost[flat.edgeTo[edge] ?? 0] === 0,
    );
    const found = edges.map((edge) => tree.isSoleNextHop(edge, whole.distance[flat.edgeTo[edge] ?? 0] ?? 0));
    expect(found).toEqual(edges.map((edge) => whole.soleNextHop[flat.edgeFrom[edge] ?? 0] === edge));
  }
});
