import { generatedNetwork } from "../../../../test/bench/generated-network";
import { intentOf } from "../../../../test/support/intent";
import { topologyOf } from "../../../../test/support/network";
import { TREE_LANES } from "../compute/tree-lanes";
import { createSnapshot } from "../topology/snapshot";
import { finish } from "../topology/steps";
import { SourceOrder } from "./source-order";

const inOrder = (...asked: Parameters<typeof SourceOrder.inSteps>) => finish(SourceOrder.inSteps(...asked));
const HOSTS = 20;
const PER_HOST = 10;
const { flat } = createSnapshot(generatedNetwork(200, HOSTS), 1);
const routerOf = (host: string) => flat.edgeTo[flat.outStart[flat.nodeIndex.get(host) ?? -1] ?? -1] ?? -1;
const intents = Array.from({ length: HOSTS * PER_HOST }, (_, i) =>
  intentOf({ from: { hosts: [`h${i % HOSTS}`] } }, `intent-${i}`),
);
const order = inOrder(intents, flat);
const rootAt = (at: number) => routerOf(order.intents[at]?.from.hosts[0] ?? "");

test("intents from behind one router come together, in the order that they had", () => {
  const roots = order.intents.map((_, at) => rootAt(at));
  const changes = roots.filter((root, at) => root !== roots[at - 1]);
  expect(new Set(changes).size).toBe(changes.length);
  for (const root of changes) {
    const own = intents.filter(({ from }) => routerOf(from.hosts[0] ?? "") === root);
    expect(order.intents.filter((_, at) => roots[at] === root)).toEqual(own);
  }
});

test("the routers ahead are those of the next intents, or of the ones before", () => {
  for (const at of order.intents.keys()) {
    const ahead = [...new Set(order.intents.slice(at).map((_, i) => rootAt(at + i)))];
    expect(order.rootsAhead(order.rootPlace(at), 1)).toEqual(ahead.slice(0, TREE_LANES));
    const before = [...new Set(order.intents.slice(0, at + 1).map((_, i) => rootAt(at - i)))];
    expect(order.rootsAhead(order.rootPlace(at), -1)).toEqual(before.slice(0, TREE_LANES));
  }
});

test("where a router has few intents, nothing is known ahead", () => {
  const few = inOrder(intents.slice(0, HOSTS), flat);
  expect(few.rootsAhead(0, 1)).toEqual([]);
});

test("a host with several links has trees of its own, and one that nobody knows has none", () => {
  const nodes = [
    { name: "r1", nodeId: 1 },
    { name: "r2", nodeId: 2 },
    { name: "h1", kind: "host", nodeId: 3, attachedTo: [{ node: "r1" }, { node: "r2" }], addresses: ["2001:db8::1"] },
    { name: "h2", kind: "host", nodeId: 4, attachedTo: [{ node: "r1" }], addresses: ["2001:db8::2"] },
  ];
  const network = createSnapshot(topologyOf(nodes, [{ name: "link", a: "r1", b: "r2" }]), 1).flat;
  const from = (host: string) =>
    Array.from({ length: PER_HOST }, (_, i) => intentOf({ from: { hosts: [host] } }, `${host}-${i}`));
  const mixed = inOrder([...from("h1"), ...from("nobody"), ...from("h2")], network);
  expect(mixed.rootsAhead(0, 1)).toEqual(["h1", "r1"].map((name) => network.nodeIndex.get(name)));
});
