// l1, l2 and l3 reach r1 over a, b and d; m1 behind b proves the second half. What is left is the link a-b.
import { directedLinkKey } from "@sextant/model";
import { PathState } from "@sextant/proto";
import { eventually } from "../../../../test/support/eventually";
import { intentYaml } from "../testing/documents";
import type { ScriptedAgent } from "../testing/scripted-agent";
import { TestController } from "../testing/test-controller";

const TOPOLOGY = `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: ladder}
spec:
  locatorBlock: 2001:db8::/32
  nodes:
    - {name: a, nodeId: 1}
    - {name: b, nodeId: 2}
    - {name: c, nodeId: 3}
    - {name: d, nodeId: 4}
    - {name: l1, kind: host, attachedTo: a, addresses: ["2001:db9:1::1"]}
    - {name: l2, kind: host, attachedTo: a, addresses: ["2001:db9:2::1"]}
    - {name: l3, kind: host, attachedTo: a, addresses: ["2001:db9:3::1"]}
    - {name: m1, kind: host, attachedTo: b, addresses: ["2001:db9:4::1"]}
    - {name: r1, kind: host, attachedTo: d, addresses: ["2001:db9:5::1"]}
  links:
    - {name: ab, a: a, b: b, delayUs: 1000}
    - {name: bd, a: b, b: d, delayUs: 1000}
    - {name: ac, a: a, b: c, delayUs: 5000}
    - {name: cd, a: c, b: d, delayUs: 5000}
`;
const ask = (name: string, from: string, to: string, probeIntervalMs: number) =>
  intentYaml(name, [
    `from: {hosts: [${from}]}`,
    `to: {hosts: [${to}]}`,
    `liveness: {probeIntervalMs: ${probeIntervalMs}}`,
  ]);
/** l3 would notice after three minutes. */
const INTENTS = [ask("one", "l1", "r1", 10), ask("two", "l2", "r1", 10), ask("slow", "l3", "r1", 60_000)];
const PROOF = ask("proof", "r1", "m1", 10);

const FEATURES = ["insert", "probing"];
const DOWN = directedLinkKey("ab", "a");

let controller: TestController;
let agents: ReadonlyMap<string, ScriptedAgent>;
beforeEach(async () => {
  controller = await TestController.start();
  await controller.operator.apply([TOPOLOGY, ...INTENTS, PROOF]);
  agents = new Map(["l1", "l2", "l3", "r1"].map((host) => [host, controller.agent(host)]));
  // l2 is an agent of before.
  for (const [host, agent] of agents) agent.hello({ features: host === "l2" ? ["insert"] : FEATURES });
  for (const agent of agents.values()) await agent.take(1);
});
afterEach(() => controller.stop());

const agentOf = (host: string): ScriptedAgent => agents.get(host) ?? controller.agent(host);

function report(agent: ScriptedAgent, state: PathState): void {
  const lists = [...agent.held.keys()].filter((key) => key.startsWith("list/"));
  const stateAgeMs = state === PathState.ALIVE ? 60_000n : 0n;
  agent.report({ paths: lists.map((list) => ({ list, state, stateAgeMs })) });
}

/** l1 and l2 find their lists dead; r1's way to m1 and, for all that it knows, l3's are alive. */
function linkBreaks(): void {
  for (const host of ["r1", "l3"]) report(agentOf(host), PathState.ALIVE);
  for (const host of ["l1", "l2"]) report(agentOf(host), PathState.DEAD);
}

const told = (host: string) =>
  eventually(`${host} is told`, () => agentOf(host).linkStates.find(({ down }) => down.length > 0));

test("a session that understands link states begins with one, after its first delta; another gets none", async () => {
  for (const host of ["l1", "l3", "r1"]) {
    const first = await eventually(`${host} has a link state`, () => agentOf(host).linkStates[0]);
    expect([first.version, first.down]).toEqual([1n, []]);
    expect(agentOf(host).received.slice(0, 3)).toEqual(["welcome", "delta", "linkState"]);
  }
  linkBreaks();
  await told("l1");
  expect(agentOf("l2").received).not.toContain("linkState");
});

test("a host that has noticed nothing is told of the link, and only then led around it", async () => {
  await eventually("the session's own link state", () => agentOf("l3").linkStates.length === 1);
  linkBreaks();
  const state = await told("l3");
  expect([state.version, state.down]).toEqual([2n, [DOWN]]);
  const delta = await agentOf("l3").delta(2);
  expect(delta.upserts.map(({ key }) => key)).toContain("policy/slow/r1");
  expect(agentOf("l3").received.slice(-2)).toEqual(["linkState", "delta"]);
  // Nothing of r1 goes out over it.
  expect(agentOf("r1").linkStates.map(({ down }) => down)).toEqual([[]]);
});

test("the link is read as down, with who saw it; everything else is up", async () => {
  linkBreaks();
  await told("l1");
  const [topology] = await controller.operator.get("Topology");
  expect(topology?.status).toMatchObject({ linkHealth: [{ name: "ab", state: "down", suspicion: 1 }] });
  expect(JSON.stringify(topology?.status)).toMatch(/l1, l2/);
});

test("a controller that comes back finds the link from the hosts' next reports, and tells them", async () => {
  linkBreaks();
  await told("l3");
  await controller.restart();
  const held = new Map([...agents].map(([host, agent]) => [host, new Map(agent.held)]));
  agents = new Map([...held].map(([host, entries]) => [host, controller.agent(host, entries)]));
  for (const agent of agents.values()) agent.hello({ features: FEATURES });
  await eventually("all have a link state", () =>
    [...agents.values()].every(({ linkStates }) => linkStates.length > 0),
  );
  expect([...agents.values()].map(({ linkStates }) => linkStates[0]?.down)).toEqual([[], [], [], []]);
  linkBreaks();
  expect((await told("l3")).down).toEqual([DOWN]);
});
