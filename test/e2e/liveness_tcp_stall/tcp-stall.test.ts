// The diamond of ../rig/diamond.ts with a probe a minute: TCP alone finds out that its path swallows what it sends.
import { readFileSync } from "node:fs";
import { eventually } from "../../support/eventually";
import { Rig } from "../rig/rig";

jest.setTimeout(120_000);

const BROKEN = { a: "south", b: "east" };
const FAST = { from: "alice", to: "bob" } as const;
const [BULK_PORT, ECHO_PORT, OTHER_PORT] = [7_300, 7_301, 7_400] as const;
/** By design about 30 ms; all hosts and routers share two cores here. */
const STALL_BOUND_MS = 1_500;
/** A flow takes its list again after ten seconds, or twenty where it had to leave it twice. */
const RETURN_BOUND_MS = 30_000;

const LOSSY_SECONDS = 5;
/** Connections until one has lost neither SYN nor the first segments: 30 % do. */
const OPENED_MAX = 8;

const intent = (name: string, ports: string, spec: string) => `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [${FAST.from}]}
  to: {hosts: [${FAST.to}]}
  application: {protocol: tcp, ports: ["${ports}"]}
  objective: {minimize: delay}
  protection: {backups: 1, disjoint: link}
  ${spec}
`;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond", undelayed: true, controllerFlags: ["--probe-interval-ms", "60000"] });
  await rig.apply(intent("fast", `${BULK_PORT}-${ECHO_PORT}`, ""));
  // The same two lists, the other one first: what stays is on a list that works.
  await rig.apply(intent("other", String(OTHER_PORT), "constraints: {via: [{node: north}]}"));
  for (const name of ["fast", "other"]) await eventually(`${name} is installed`, () => isInstalled(name));
}, 60_000);
afterAll(() => rig.down());

async function isInstalled(name: string): Promise<boolean> {
  const { conditions } = await rig.intent(name);
  return conditions.some(({ type, status }) => type === "Installed" && status === "True");
}

/** What TCP did on the host, and what each list carried, the intent's primary first. */
async function counted() {
  const { flows, lists, policies } = await rig.agentCounters(FAST.from);
  const events = Object.fromEntries(flows.map((row) => [row.event, Number(row.flows)]));
  const left = lists.map(({ tcpMoves }) => Number(tcpMoves)).sort((a, b) => b - a);
  const packets = (name: string) => {
    const policy = policies.find((row) => row.policy.includes(name));
    return policy?.candidates.map((one) => Number(one.packets)) ?? [];
  };
  return { events, left, fast: packets("fast"), other: packets("other") };
}

test("flows whose path swallows them move by themselves, others stay; they return with the path", async () => {
  const bulk = await rig.lab.startTcp({ ...FAST, port: BULK_PORT, mode: "bulk", seconds: 4 });
  const echo = await rig.lab.startTcp({ ...FAST, port: ECHO_PORT, mode: "echo", seconds: 90, intervalMs: 2 });
  const other = await rig.lab.startTcp({ ...FAST, port: OTHER_PORT, mode: "echo", seconds: 90, intervalMs: 2 });
  await eventually("all flow", async () => {
    const { fast, other: others } = await counted();
    return (fast[0] ?? 0) > 1_000 && (others[0] ?? 0) > 100;
  });

  await rig.lab.linkBlackhole(BROKEN);
  await eventually("both have moved", async () => ((await counted()).events["tcp_moved"] ?? 0) >= 2);
  const moved = await counted();
  expect(moved.left[0]).toBeGreaterThanOrEqual(2);
  expect((await bulk.result).longestGapMs).toBeLessThan(STALL_BOUND_MS);
  await eventually("the agent says so", () => log().includes("TCP flows left a list"));

  await rig.lab.linkRestore(BROKEN);
  const backed = (await counted()).fast[0] ?? 0;
  await eventually(
    "the path is taken again",
    async () => ((await counted()).fast[0] ?? 0) > backed + 100,
    RETURN_BOUND_MS,
  );
  echo.stop();
  other.stop();
  // A host that starves may take it for silent for a moment; it does not stay away.
  const { other: onOther } = await counted();
  expect((onOther[1] ?? 0) / (onOther[0] ?? 0)).toBeLessThan(0.5);
  expect((await echo.result).longestMs).toBeLessThan(STALL_BOUND_MS);
  expect((await other.result).longestMs).toBeLessThan(STALL_BOUND_MS);
});

test("loss of 30 % moves no transfer: its timeouts are doubted", async () => {
  await rig.lab.linkSet(BROKEN, { lossPpm: 300_000 }, "south");
  let before = await counted();
  let bulk = await rig.lab.startTcp({ ...FAST, port: BULK_PORT, mode: "bulk", seconds: LOSSY_SECONDS });
  // A connection whose SYN was lost has moved before it had anything to lose: another one then.
  for (let opened = 1; opened < OPENED_MAX && (await moves()) > moved(before); opened++) {
    await bulk.result;
    before = await counted();
    bulk = await rig.lab.startTcp({ ...FAST, port: BULK_PORT, mode: "bulk", seconds: LOSSY_SECONDS });
  }
  expect((await bulk.result).bytes).toBeGreaterThan(0);
  await rig.lab.linkSet(BROKEN, { lossPpm: 0 }, "south");
  const after = await counted();
  expect(after.events["tcp_timeout_doubted"]).toBeGreaterThan((before.events["tcp_timeout_doubted"] ?? 0) + 10);
  expect(moved(after)).toBe(moved(before));
});

const moved = ({ events }: Awaited<ReturnType<typeof counted>>) => events["tcp_moved"] ?? 0;
const moves = async () => moved(await counted());

function log(): string {
  return readFileSync(rig.lab.daemonLog({ agent: FAST.from }), "utf8");
}
