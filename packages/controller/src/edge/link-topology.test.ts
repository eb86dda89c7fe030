// What reports of hosts say of a link, and what a topology says that an exporter has read from an IGP: whichever comes first.
import { PathState } from "@sextant/proto";
import { eventually } from "../../../../test/support/eventually";
import { intentYaml } from "../testing/documents";
import { Ladder, type LadderLink, ladderYaml } from "../testing/ladder";

const SENDERS = ["l1", "l2", "l3"];

jest.setTimeout(20_000);

let ladder: Ladder;
afterEach(() => ladder.controller.stop());

/** Takes what a host is sent until that key is among it; gives the keys of all of it. */
async function takeUntil(host: string, key: string): Promise<string[]> {
  const agent = ladder.agent(host);
  const keys: string[] = [];
  for (let version = agent.taken + 1; !keys.includes(key); version++) {
    const { upserts } = await agent.take(version);
    keys.push(...upserts.map((upsert) => upsert.key));
  }
  return keys;
}

/** Takes what a host has been sent. */
async function takeAll(host: string): Promise<void> {
  const agent = ladder.agent(host);
  while (agent.deltas.some(({ version }) => version > agent.taken)) await agent.take(agent.taken + 1);
}

/** The policies of all senders' intents, as the wire has them. */
function policies(): unknown {
  return SENDERS.map((host) => [...ladder.agent(host).held].filter(([key]) => /^policy\/(one|two|slow)/.test(key)));
}

const links = async () => (await ladder.controller.operator.status("Topology", "ladder")).linkHealth as object[];

async function movedAround(): Promise<void> {
  ladder.linkBreaks();
  const moved = { l1: "policy/one/r1", l2: "policy/two/r1", l3: "policy/slow/r1" };
  await Promise.all(Object.entries(moved).map(([host, policy]) => takeUntil(host, policy)));
}

/** Everything that a new topology has brought about is out before an intent that comes after it. */
async function applied(link: LadderLink, marker: string): Promise<string[]> {
  await ladder.controller.operator.apply([ladderYaml(link)]);
  const intents = SENDERS.map((host) =>
    intentYaml(`${marker}-${host}`, [`from: {hosts: [${host}]}`, "to: {hosts: [r1]}"]),
  );
  await ladder.controller.operator.apply(intents);
  const keys = await Promise.all(SENDERS.map((host) => takeUntil(host, `policy/${marker}-${host}/r1`)));
  return keys.flat().filter((key) => key.startsWith("policy/") && !key.startsWith(`policy/${marker}`));
}

/** Ways of the senders' packets, by the names of links. */
async function ways(): Promise<string[][]> {
  const intents = await ladder.controller.operator.get("Intent", "one", "two", "slow");
  return intents.map(({ status }) =>
    [...JSON.stringify(status).matchAll(/"links":(\[[^\]]*\])/g)].map(([, way]) => way ?? ""),
  );
}

describe.each(["gone", "down"] as const)("a link that hosts found broken is %s in the next topology", (ab) => {
  // The IGP prefers the way around as long as the link is there, and when it is not: it takes as many segments.
  test("lists stay as they are, byte for byte; back in the topology, the link is not trusted", async () => {
    ladder = await Ladder.start({ igp: 100 });
    await movedAround();
    const around = policies();
    const [broken] = await links();

    expect(await applied({ ab, igp: 100 }, "without")).toEqual([]);
    expect(policies()).toEqual(around);
    expect(await links()).toEqual([]);

    expect(await applied({ igp: 100 }, "with")).toEqual([]);
    expect(policies()).toEqual(around);
    expect(await links()).toEqual([broken]);

    // Who watched it does so again: it works, and is on probation from now on.
    await eventually("ab is on probation", async () => {
      for (const host of [...SENDERS, "r1"]) {
        await takeAll(host);
        ladder.report(host, PathState.ALIVE);
      }
      return JSON.stringify(await links()).includes('"probation"');
    });
    expect(policies()).toEqual(around);
  });

  test("the IGP takes the way around only then, which needs fewer segments: it is the same way", async () => {
    ladder = await Ladder.start();
    await movedAround();
    const around = await ways();
    await applied({ ab }, "without");
    expect(await ways()).toEqual(around);
    await applied({}, "with");
    expect(await ways()).toEqual(around);
    expect(await links()).toMatchObject([{ name: "ab", state: "down" }]);
  });
});

test("the topology drops a link, then hosts report their paths over it dead: nothing is blamed, and it moves no intent", async () => {
  ladder = await Ladder.start();
  for (const host of [...SENDERS, "r1"]) ladder.report(host, PathState.ALIVE);
  await ladder.controller.operator.apply([ladderYaml({ ab: "gone" })]);
  // They have not been told yet: what they report is of the lists that they still have.
  await movedAround();
  const around = policies();
  for (const host of [...SENDERS, "r1"]) ladder.report(host, PathState.ALIVE);
  expect(await applied({ ab: "gone" }, "same")).toEqual([]);
  expect(policies()).toEqual(around);
  expect(await links()).toEqual([]);
  const { events } = await ladder.controller.operator.events();
  expect(events.filter(({ reason }) => reason.startsWith("Link"))).toEqual([]);
});
