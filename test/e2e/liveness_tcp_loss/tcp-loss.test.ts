// The diamond of ../rig/diamond.ts with a probe in ten seconds: what TCP has to send again says that its path loses more than the
// intent allows.
import { eventually } from "../../support/eventually";
import { Rig } from "../rig/rig";

jest.setTimeout(180_000);

const LOSSY = { a: "south", b: "east" };
const CALL = { from: "alice", to: "bob" } as const;
/** A flow each. */
const PORTS = [7_500, 7_501, 7_502, 7_503] as const;
/** A request of a dozen segments every 10 ms. */
const ECHO = { mode: "echo", seconds: 170, intervalMs: 10, bytes: 16_000 } as const;
const VIOLATION_MS = 1_000;
/** Two seconds of the window, and the stated time; what is lost is random, so it may look smaller for a while. */
const LEAVE_BOUND_MS = 20_000;
/** A path that TCP has left is tried again after so long, or twice that where it was left twice. */
const HELD_MS = 10_000;
const RETURN_BOUND_MS = 45_000;

const INTENT = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: lossless}
spec:
  from: {hosts: [${CALL.from}]}
  to: {hosts: [${CALL.to}]}
  application: {protocol: tcp, ports: ["${PORTS[0]}-${PORTS[3]}"]}
  objective: {minimize: delay}
  protection: {backups: 1, disjoint: link}
  liveness: {maxLossPercent: 3, violationMs: ${VIOLATION_MS}}
`;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond", undelayed: true, controllerFlags: ["--probe-interval-ms", "10000"] });
  await rig.apply(INTENT);
  await rig.live("lossless");
}, 90_000);
afterAll(() => rig.down());

/** The primary as its host has it, and what each candidate has carried. */
async function seen() {
  const [segments = ""] = await rig.segments("lossless");
  const { lists } = await rig.agentStatus(CALL.from);
  const primary = lists.find((list) => list.segments.join(" ") === segments);
  if (primary === undefined) throw new Error(`the kernel has no list ${segments}`);
  const { policies } = await rig.agentCounters(CALL.from);
  const [onPrimary = 0, onBackup = 0] = (policies[0]?.candidates ?? []).map(({ packets }) => Number(packets));
  return { primary, onPrimary, onBackup };
}

test("TCP loses more than the intent allows: its path is left for that, and returned to some time after", async () => {
  const flows = await Promise.all(PORTS.map((port) => rig.lab.startTcp({ ...CALL, ...ECHO, port })));
  await eventually("TCP is heard", async () => (await seen()).primary.tcpLossPpm === 0);
  const before = await seen();
  expect(before.primary).toMatchObject({ withheld: null, witness: null });

  await rig.lab.linkSet(LOSSY, { lossPpm: 100_000 }, "south");
  const whenLeft = async () => {
    const now = await seen();
    return now.primary.withheld === "loss" && now;
  };
  const left = await eventually("the path is left", whenLeft, LEAVE_BOUND_MS);
  const leftMs = performance.now();
  expect(left.primary).toMatchObject({ state: "alive", witness: "tcp" });
  // What it was left for is over by now: nothing is sent there any more, and late acknowledgements say what was not lost.
  expect(left.primary.tcpLossPpm).toBeGreaterThan(0);
  expect(await rig.agentPaths(CALL.from)).toMatch(/ withheld +loss \(tcp\) /);
  await eventually("the controller says why", async () =>
    / withheld .* loss /.test((await rig.sextant(["get", "paths"])).stdout),
  );
  await eventually("the backup carries it", async () => (await seen()).onBackup > left.onBackup + 1_000);
  expect((await seen()).onPrimary).toBeLessThan(left.onPrimary + 1_000);

  await rig.lab.linkSet(LOSSY, { lossPpm: 0 }, "south");
  const isBack = async () => (await seen()).primary.withheld === null;
  await eventually("the path is tried again", isBack, RETURN_BOUND_MS);
  expect(performance.now() - leftMs).toBeGreaterThan(HELD_MS / 2);
  const back = await seen();
  await eventually("it carries them again", async () => (await seen()).onPrimary > back.onPrimary + 1_000);
  await eventually("and loses nothing", async () => (await seen()).primary.tcpLossPpm === 0);
  for (const flow of flows) flow.stop();
  await Promise.all(flows.map(({ result }) => result));
});
