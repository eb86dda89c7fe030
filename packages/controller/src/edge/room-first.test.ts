// Bandwidth that one host gives up and another takes: who goes first, and what happens when somebody does not answer.
import { intentYaml } from "../testing/documents";
import type { ScriptedAgent } from "../testing/scripted-agent";
import { TestController } from "../testing/test-controller";

/*
 *  alice         s   quick
 *       \      /   \
 *        w ---       --- e - bob        10 Mbit/s each way
 *       /      \   /
 *  carol         n   slow
 */
const NETWORK = `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: diamond}
spec:
  locatorBlock: 2001:db8::/32
  nodes:
    - {name: w, nodeId: 1}
    - {name: n, nodeId: 2}
    - {name: s, nodeId: 3}
    - {name: e, nodeId: 4}
    - {name: alice, kind: host, attachedTo: w, addresses: ["2001:db9:a::1"]}
    - {name: bob, kind: host, attachedTo: e, addresses: ["2001:db9:b::1"]}
    - {name: carol, kind: host, attachedTo: w, addresses: ["2001:db9:c::1"]}
  links:
    - {a: w, b: n, igp: 10, delayUs: 5000, capacityMbps: 10}
    - {a: n, b: e, igp: 10, delayUs: 5000, capacityMbps: 10}
    - {a: w, b: s, igp: 10, delayUs: 1000, capacityMbps: 10}
    - {a: s, b: e, igp: 10, delayUs: 1000, capacityMbps: 10}
`;
/** All that packets could have to wait for beside room: hosts that take outer headers off. */
const INSERT = "mode: insert";
const reserve = (mbps: number, setup: number) => `reservation: {mbps: ${mbps}, setupPriority: ${setup}}`;
const CAROL = ["from: {hosts: [carol]}", INSERT];

let controller: TestController;
let alice: ScriptedAgent;
let carol: ScriptedAgent;
beforeEach(async () => {
  controller = await TestController.start();
  await controller.operator.apply([NETWORK, intentYaml("old", [INSERT, reserve(8, 7)])]);
  alice = controller.agent("alice").hello();
  carol = controller.agent("carol").hello();
  expect((await alice.take(1)).upserts.map(({ key }) => key)).toContain("policy/old/bob");
  await carol.take(1);
});
afterEach(() => controller.stop());

test("who takes bandwidth waits until its host has answered that it was left", async () => {
  await controller.operator.apply([intentYaml("new", [...CAROL, reserve(8, 0)])]);
  // Alice has been told to go over n, and carol of the list that goes over s.
  await alice.delta(2);
  expect((await carol.take(2)).upserts.map(({ key }) => key)).toEqual([expect.stringMatching("list/")]);
  await controller.operator.apply([intentYaml("besides", [...CAROL, "application: {ports: [80]}"])]);
  expect((await carol.take(3)).upserts.map(({ key }) => key)).toEqual(["policy/besides/bob"]);
  alice.ack({ version: 2n });
  expect((await carol.take(4)).upserts.map(({ key }) => key)).toEqual(["policy/new/bob"]);
});

test("what has room beside everything that hosts may have waits for nobody", async () => {
  await controller.operator.apply([intentYaml("small", [...CAROL, reserve(2, 0)])]);
  expect((await carol.delta(2)).upserts.map(({ key }) => key)).toContain("policy/small/bob");
});

test("a host that does not answer is not waited for any longer than 2 s", async () => {
  const startedMs = performance.now();
  await controller.operator.apply([intentYaml("new", [...CAROL, reserve(8, 0)])]);
  await carol.take(2);
  expect((await carol.take(3)).upserts.map(({ key }) => key)).toEqual(["policy/new/bob"]);
  expect(performance.now() - startedMs).toBeGreaterThan(1_500);
});
