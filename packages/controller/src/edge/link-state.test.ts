import { eventually } from "../../../../test/support/eventually";
import { AB_FROM_A, Ladder } from "../testing/ladder";

const HOSTS = ["l1", "l2", "l3", "r1"];

let ladder: Ladder;
beforeEach(async () => {
  ladder = await Ladder.start();
});
afterEach(() => ladder.controller.stop());

test("a session that understands link states begins with one, after its first delta; another gets none", async () => {
  for (const host of ["l1", "l3", "r1"]) {
    const first = await eventually(`${host} has a link state`, () => ladder.agent(host).linkStates[0]);
    expect([first.version, first.down]).toEqual([1n, []]);
    expect(ladder.agent(host).received.slice(0, 3)).toEqual(["welcome", "delta", "linkState"]);
  }
  ladder.linkBreaks();
  await ladder.told("l1");
  expect(ladder.agent("l2").received).not.toContain("linkState");
});

test("a host that has noticed nothing is told of the link, and only then led around it", async () => {
  await eventually("the session's own link state", () => ladder.agent("l3").linkStates.length === 1);
  ladder.linkBreaks();
  const state = await ladder.told("l3");
  expect([state.version, state.down]).toEqual([2n, [AB_FROM_A]]);
  const delta = await ladder.agent("l3").delta(2);
  expect(delta.upserts.map(({ key }) => key)).toContain("policy/slow/r1");
  expect(ladder.agent("l3").received.slice(-2)).toEqual(["linkState", "delta"]);
  // Nothing of r1 goes out over it.
  expect(ladder.agent("r1").linkStates.map(({ down }) => down)).toEqual([[]]);
});

test("the link is read as down, with who saw it; everything else is up", async () => {
  ladder.linkBreaks();
  await ladder.told("l1");
  const [topology] = await ladder.controller.operator.get("Topology");
  expect(topology?.status).toMatchObject({ linkHealth: [{ name: "ab", state: "down", suspicion: 1 }] });
  expect(JSON.stringify(topology?.status)).toMatch(/l1, l2/);
});

test("a controller that comes back finds the link from the hosts' next reports, and tells them", async () => {
  ladder.linkBreaks();
  await ladder.told("l3");
  await ladder.restart();
  const states = () => HOSTS.map((host) => ladder.agent(host).linkStates[0]?.down);
  await eventually("all have a link state", () => !states().includes(undefined));
  expect(states()).toEqual([[], [], [], []]);
  ladder.linkBreaks();
  expect((await ladder.told("l3")).down).toEqual([AB_FROM_A]);
});
