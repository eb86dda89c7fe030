// The three ways of ../rig/three-ways.ts, with the host's own rate: a probe in 100 ms, dead after three. One intent asks for ten times
// as many, one for nothing, and one has a list over links that the first one's already watch.
//
//           north   calls, 10 ms x 3; copies, in outer headers: only verified
//   desk -- middle  bulk, as the host probes
//           south   the backup of calls, 10 ms x 3
import { eventually } from "../../support/eventually";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import { CALLS, declareCalls, RETURN_BOUND_MS, threeWays } from "../rig/three-ways";

jest.setTimeout(90_000);

const BULK = { from: "desk", to: "studio", port: 5_001 } as const;
/** 30 ms, the round trip, and a busy machine. At the host's rate it would be 200 ms at the least. */
const ASKED_BOUND_MS = 150;
const HOST_LEAST_MS = 190;
const HOST_BOUND_MS = 1_000;

const OTHERS = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: bulk}
spec:
  from: {hosts: [desk]}
  to: {hosts: [studio]}
  application: {protocol: udp, ports: [${BULK.port}]}
  objective: {minimize: igp}
  protection: {backups: 1, disjoint: link}
---
apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: copies}
spec:
  from: {hosts: [desk]}
  to: {hosts: [studio]}
  application: {protocol: udp, ports: [5002]}
  objective: {minimize: delay}
  mode: encap
`;

let rig: Rig;
beforeAll(async () => {
  rig = await threeWays({ controllerFlags: [] });
  await declareCalls(rig, "liveness: {probeIntervalMs: 10}");
  await rig.apply(OTHERS);
  await rig.live("bulk", "copies");
}, 60_000);
afterAll(() => rig.down());

/** Probes that the host has sent on the primary of each intent, by its kernel. */
async function probesSent(): Promise<Record<"calls" | "bulk" | "copies", number>> {
  const { lists } = await rig.agentStatus("desk");
  const sent = async (intent: string) => {
    const key = (await rig.intent(intent)).policies[0]?.candidates[0]?.segmentLists[0]?.list;
    return Number(lists.find(({ list }) => list === key)?.probesSent);
  };
  return { calls: await sent("calls"), bulk: await sent("bulk"), copies: await sent("copies") };
}

/** Probes on each list while that of `bulk` had ten. */
async function probesPerTen(): Promise<Record<"calls" | "copies", number>> {
  const before = await probesSent();
  const after = await eventually("ten probes of bulk", async () => {
    const sent = await probesSent();
    return sent.bulk >= before.bulk + 10 && sent;
  });
  const perTen = 10 / (after.bulk - before.bulk);
  return { calls: (after.calls - before.calls) * perTen, copies: (after.copies - before.copies) * perTen };
}

async function activeCandidate(intent: string): Promise<number | undefined> {
  return (await rig.intent(intent)).policies[0]?.activeCandidate;
}

test("each list is probed as its intents ask, else as the host does, and hardly where others watch its links", async () => {
  await eventually(
    "the rates are ten to one to a tenth",
    async () => {
      const { calls, copies } = await probesPerTen();
      return calls > 70 && calls < 130 && copies <= 2;
    },
    30_000,
  );
  expect(await rig.describe("intent", "calls")).toContain("probed every 10 ms");
});

test.each([
  ["calls", CALLS, { a: "north1", b: "north2" }, 0, ASKED_BOUND_MS],
  ["bulk", BULK, { a: "middle", b: "east" }, HOST_LEAST_MS, HOST_BOUND_MS],
])("the way of %s swallows packets: it is left as soon as its rate allows", async (intent, flow, link, least, most) => {
  const stream = await Stream.start(rig, flow);
  await eventually("packets take the primary", async () => (await activeCandidate(intent)) === 0, RETURN_BOUND_MS);
  await rig.lab.linkBlackhole(link);
  await eventually("packets take the backup", async () => (await activeCandidate(intent)) === 1);
  const { lostRuns, longestGapMs } = await stream.end();
  expect(lostRuns).toHaveLength(1);
  expect(longestGapMs).toBeGreaterThan(least);
  expect(longestGapMs).toBeLessThan(most);
  await rig.lab.linkRestore(link);
});
