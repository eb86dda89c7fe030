// A path of more links to name than its host can put on goes through a binding SID: out, and home with the probes.
//
//            slow      slow      slow      slow      slow
//   alice ── a ═══════ b ═══════ c ═══════ d ═══════ e ═══════ f ── bob
//            quick     quick     quick     quick     quick
//                      └───── one binding SID ──────┘
import { join } from "node:path";
import { linksUsed, ping } from "../lab_support/ping";
import { exchange } from "../rig/datagrams";
import { intent as intentBetween } from "../rig/dual-stack";
import { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const BOB = "2001:db8:b::1";
const MIDDLE = "fcbb:bb00:2:e100::";
const QUICK = ["quick-ab", "quick-bc", "quick-cd", "quick-de", "quick-ef"];
const SLOW = ["slow-ab", "slow-bc", "slow-cd", "slow-de", "slow-ef"];
/** More than the probes of a while. */
const COUNT = 150;

function intent(name: string, port: number, spec: readonly string[]): string {
  const ends = ["from: {hosts: [alice]}", "to: {hosts: [bob]}"];
  return intentBetween(name, `{protocol: udp, ports: [${port}]}`, [...ends, ...spec]);
}

const INTENTS = {
  inserted: intent("inserted", 5_000, ["mode: insert"]),
  wrapped: intent("wrapped", 5_001, ["mode: encap"]),
  packed: intent("packed", 5_002, ["mode: usid"]),
  pinned: intent("pinned", 5_003, ["objective: {minimize: igp}", "pin: strict"]),
};

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: join(__dirname, "ladder.yaml"), undelayed: true });
  await rig.apply(Object.values(INTENTS).join("---\n"));
  await rig.live(...Object.keys(INTENTS));
}, 60_000);
afterAll(() => rig.down());

/** Links between routers that a while of traffic took. */
async function linksTo(port: number): Promise<string[]> {
  const used = await linksUsed(
    rig.lab,
    async () => {
      const { received } = await exchange(rig, { from: "alice", to: "bob", address: BOB, port, count: COUNT });
      expect(received).toHaveLength(COUNT);
    },
    COUNT,
  );
  return used.filter((link) => !/alice|bob/.test(link));
}

async function listOf(name: keyof typeof INTENTS) {
  const { policies } = await rig.intent(name);
  return policies[0]?.candidates[0]?.segmentLists[0];
}

test.each<[keyof typeof INTENTS, number, number]>([
  ["inserted", 5_000, 3],
  ["wrapped", 5_001, 4],
  ["packed", 5_002, 2],
])("%s: fewer segments than links, over exactly the quick links", async (name, port, segments) => {
  const list = await listOf(name);
  expect(list).toMatchObject({ pin: "loose", bindings: ["middle"] });
  expect(list?.segments).toHaveLength(segments);
  expect(await linksTo(port)).toEqual(QUICK);
  // Live, through a binding on the way home as well.
  const bindings = [/:2:e100::$/, /:5:e100::$/].map((sid) => expect.stringMatching(sid) as string);
  expect(list).toMatchObject({ state: "alive", probeSegments: expect.arrayContaining(bindings) as string[] });
});

test("a pinned list takes a binding where naming every link is too long", async () => {
  const list = await listOf("pinned");
  expect(list).toMatchObject({ pin: "strict", bindings: ["slow-middle"] });
  expect(list?.segments).toHaveLength(3);
  expect(await linksTo(5_003)).toEqual(SLOW);
});

test("the operator reads what a binding stands for, and that a list is pinned", async () => {
  expect(await rig.describe("intent", "inserted")).toContain(
    `${MIDDLE}  the shortest way to b, then as middle over quick-bc, quick-cd, quick-de to e`,
  );
  expect(await rig.describe("intent", "pinned")).toContain("inserted, pinned to every link");
});

test("what is behind a binding's last router is reached too", async () => {
  const uplink = rig.lab.plan.nodes.get("alice")?.ends[0];
  const address = "2001:db8:5e::1";
  const via = `via ${uplink?.peerAddress ?? ""} dev ${uplink?.interfaceName ?? ""} src 2001:db8:a::1 metric 1`;
  const argv = `ip -6 route replace ${address}/128 encap seg6 mode inline segs ${MIDDLE} ${via}`.split(" ");
  expect((await rig.lab.exec("alice", argv)).stderr).toBe("");
  expect((await ping(rig.lab, "alice", address)).received).toBe(5);
});
