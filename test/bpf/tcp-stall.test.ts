// TCP between the hosts of live-network.ts, on two lists; the first router swallows what comes by its SID. No probes.
import type { ChildProcess } from "node:child_process";
import { hostPrefix, ipv6, type Sid } from "@sextant/model";
import type { KernelPolicy } from "../../packages/agent/src/reconcile/data-plane";
import { eventually } from "../support/eventually";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { ADDRESS_B, LiveNetwork, SID_R, SID_R2, within } from "./live-network";
import { destinationOf, listOf, policyOf, ruleOf } from "./map-samples";
import { OBJECTS } from "./packet-path-fixture";

jest.setTimeout(60_000);

const FAST = 1n;
const SLOW = 2n;
const PORTS = { fast: 7_001, slow: 7_002 } as const;
/** By design 32 ms; the two ends share this machine with all else that runs. */
const STALL_BOUND_MS = 1_000;
/** A flow takes its list again after ten seconds. */
const RETURN_BOUND_MS = 20_000;

/** Answers every byte with a byte. */
const SERVER = `require("node:net").createServer((s) => s.setNoDelay().on("error", () => {}).pipe(s)).listen(Number(process.argv[1]), "::", () => console.log("ready"));`;
/** A byte at a time, the next 5 ms after its answer; a line with the time that each answer took. */
const CLIENT = `
  const socket = require("node:net").connect({ port: Number(process.argv[1]), host: process.argv[2], noDelay: true });
  let sentMs = 0;
  const ask = () => { sentMs = performance.now(); socket.write("x"); };
  socket.on("connect", ask).on("data", () => { console.log(performance.now() - sentMs); setTimeout(ask, 5); });
`;

let network: LiveNetwork;
let children: ChildProcess[] = [];

beforeAll(() => {
  network = LiveNetwork.up();
  putList(FAST, SID_R, 0);
  putList(SLOW, SID_R2, 1);
});
afterAll(() => network.down());
afterEach(() => {
  for (const child of children) child.kill();
  children = [];
  swallow(false);
  swallow(false, "slow");
});

function putList(key: bigint, segment: Sid, uplink: number): void {
  const gateway = uplink === 0 ? ipv6("2001:db8:a::ff") : ipv6("2001:db8:a2::ff");
  const nextHop = { ifindex: network.a.ifindexes[uplink] ?? 0, gateway };
  network.a.plane.putList(key, { ...listOf(77, [segment]), nextHop });
}

/** Flows to one port prefer the fast list, those to the other one the slow list. */
function steer(fast: KernelPolicy, slow: KernelPolicy = policyOf(SLOW, FAST)): void {
  network.a.plane.putPolicy(11n, fast);
  network.a.plane.putPolicy(12n, slow);
  const rule = (policy: bigint, port: number) => ({
    ...ruleOf(policy),
    rank: policy,
    ports: { first: port, last: port },
  });
  const rules = [rule(12n, PORTS.slow), rule(11n, PORTS.fast)];
  network.a.plane.putDestination(hostPrefix(ADDRESS_B), { ...destinationOf(), rules });
}

/** Whether the first router of a list drops what is for its SID, without a word. */
function swallow(is: boolean, list: keyof typeof PORTS = "fast"): void {
  const [router, sid] = list === "fast" ? [network.r, SID_R] : [network.r2, SID_R2];
  const route = is ? `blackhole ${sid}/128` : `${sid}/128 encap seg6local action End dev rb`;
  network.namespaces.run(router, `ip -6 route del ${sid}/128; ip -6 route add ${route}`);
}

interface Talk {
  /** How long each answer took, in milliseconds. */
  readonly answersMs: readonly number[];
}

/** Starts a conversation and waits until it flows. */
async function talk(port: number): Promise<Talk> {
  const server = network.namespaces.spawn(network.b.namespace, [process.execPath, "-e", SERVER, String(port)]);
  let isReady = false;
  server.stdout?.once("data", () => (isReady = true));
  children.push(server);
  await eventually("the server listens", () => isReady);
  const client = network.namespaces.spawn(network.a.namespace, [
    process.execPath,
    "-e",
    CLIENT,
    String(port),
    ADDRESS_B,
  ]);
  children.push(client);
  const answersMs: number[] = [];
  client.stdout?.on("data", (lines: Buffer) => answersMs.push(...lines.toString().trim().split("\n").map(Number)));
  await eventually("it flows", () => answersMs.length > 100);
  return { answersMs };
}

/** Waits until the conversation goes on for a while. */
async function goesOn({ answersMs }: Talk): Promise<void> {
  const before = answersMs.length;
  await eventually("it goes on", () => answersMs.length > before + 50);
}

const packetsOn = (list: bigint) => network.a.plane.observeLists().get(list)?.packets ?? 0n;
const movesFrom = (list: bigint) => network.a.plane.flowMoves().get(list) ?? 0n;
const events = () => Object.fromEntries(network.a.plane.flowEvents());

test("a flow whose list swallows it moves; flows of the other list stay; it returns in time", async () => {
  steer(policyOf(FAST, SLOW));
  const moved = await talk(PORTS.fast);
  const stayed = await talk(PORTS.slow);
  const before = { fast: movesFrom(FAST), slow: movesFrom(SLOW) };
  swallow(true);
  await eventually("it has moved", () => movesFrom(FAST) === before.fast + 1n);
  await goesOn(moved);
  expect(Math.max(...moved.answersMs)).toBeLessThan(STALL_BOUND_MS);
  expect(movesFrom(SLOW)).toBe(before.slow);
  const stuck = packetsOn(FAST);
  await goesOn(moved);
  await goesOn(stayed);
  expect(packetsOn(FAST)).toBe(stuck);

  swallow(false);
  await eventually("it takes its list again", () => packetsOn(FAST) > stuck + 10n, RETURN_BOUND_MS);
  expect(events()).toMatchObject({ tcp_returned: 1n, tcp_not_kept: 0n });
});

test("without another list a flow stays, and goes on when the list does", async () => {
  steer(policyOf(FAST), policyOf(SLOW));
  const flow = await talk(PORTS.fast);
  const before = { moves: movesFrom(FAST), alone: events()["tcp_no_other_list"] ?? 0n };
  swallow(true);
  await eventually("that is counted", () => (events()["tcp_no_other_list"] ?? 0n) > before.alone);
  swallow(false);
  await goesOn(flow);
  expect(movesFrom(FAST)).toBe(before.moves);
});

test("both lists swallow it: it tries the one it left again, and lives when that does", async () => {
  steer(policyOf(FAST, SLOW));
  const flow = await talk(PORTS.fast);
  const before = { fast: movesFrom(FAST), slow: movesFrom(SLOW) };
  swallow(true, "slow");
  swallow(true);
  await eventually("it has left both", () => movesFrom(FAST) > before.fast && movesFrom(SLOW) > before.slow);
  swallow(false);
  await goesOn(flow);
});

test("a socket that has no memory left for it is counted, and stays", async () => {
  steer(policyOf(FAST, SLOW));
  const optmem = network.namespaces.run(network.a.namespace, "sysctl -n net.core.optmem_max").trim();
  network.namespaces.run(network.a.namespace, "sysctl -qw net.core.optmem_max=32");
  const flow = await talk(PORTS.fast);
  const before = movesFrom(FAST);
  swallow(true);
  await eventually("that is counted", () => (events()["tcp_not_kept"] ?? 0n) > 0n);
  swallow(false);
  await goesOn(flow);
  network.namespaces.run(network.a.namespace, `sysctl -qw net.core.optmem_max=${optmem}`);
  expect(movesFrom(FAST)).toBe(before);
});

/** Many conversations at once, all on one CPU: a byte every 50 ms in each. */
const MANY_CLIENTS = `
  const [port, host, count] = process.argv.slice(1);
  for (let i = 0; i < Number(count); i++) {
    const socket = require("node:net").connect({ port: Number(port), host, noDelay: true });
    const ask = () => socket.write("x");
    socket.on("error", () => {}).once("data", () => console.log("open")).on("connect", ask).on("data", () => setTimeout(ask, 50));
  }
`;

/** What is limited is what each CPU does: while one is idle, others run its timers. */
const BUSY = "for (const end = Date.now() + 30_000; Date.now() < end; );";

test("of many flows that fall silent at once, a hundred move, and then one every millisecond", async () => {
  const FLOWS = 300;
  const [AT_ONCE, PER_MS] = [100, 1];
  steer(policyOf(FAST, SLOW));
  const onOneCpu = (niceness: number) => ["taskset", "-c", "0", "nice", "-n", `${niceness}`, process.execPath, "-e"];
  children.push(network.namespaces.spawn(network.a.namespace, [...onOneCpu(19), BUSY]));
  const server = network.namespaces.spawn(network.b.namespace, [...onOneCpu(0), SERVER, String(PORTS.fast)]);
  let isReady = false;
  server.stdout?.once("data", () => (isReady = true));
  children.push(server);
  await eventually("the server listens", () => isReady);
  const arguments_ = [MANY_CLIENTS, String(PORTS.fast), ADDRESS_B, String(FLOWS)];
  const client = network.namespaces.spawn(network.a.namespace, [...onOneCpu(0), ...arguments_]);
  children.push(client);
  let open = 0;
  client.stdout?.on("data", (lines: Buffer) => (open += lines.toString().trim().split("\n").length));
  await eventually("all flow", () => open === FLOWS);

  const count = (event: string) => Number(events()[event] ?? 0n);
  const before = { moved: count("tcp_moved"), limited: count("tcp_move_limited") };
  const since = () => ({
    moved: count("tcp_moved") - before.moved,
    limited: count("tcp_move_limited") - before.limited,
  });
  let stillMs = performance.now();
  swallow(true);
  await eventually("all wanted to move", () => {
    const { moved, limited } = since();
    if (moved === 0) stillMs = performance.now();
    return moved + limited >= FLOWS;
  });
  const { moved, limited } = since();
  expect(moved).toBeGreaterThanOrEqual(AT_ONCE);
  expect(moved).toBeLessThanOrEqual(AT_ONCE + PER_MS * (performance.now() - stillMs));
  expect(limited).toBeGreaterThan(0);
});

test("switched off, no flow moves and nothing is counted", async () => {
  const reopen = (tcpMoves: boolean) => {
    const { instance, namespace, plane } = network.a;
    plane.close();
    network.a.plane = within(namespace, () => KernelDataPlane.open({ instance, objectDirectory: OBJECTS, tcpMoves }));
  };
  steer(policyOf(FAST, SLOW));
  reopen(false);
  const before = { events: events(), tcp: network.a.plane.observeTcp().get(FAST) };
  const flow = await talk(PORTS.fast);
  swallow(true);
  await eventually("its timeout has doubled three times", () => {
    const sockets = network.namespaces.run(network.a.namespace, `ss -tinH dport = :${PORTS.fast}`);
    return Number(/backoff:(\d+)/.exec(sockets)?.[1] ?? 0) >= 3;
  });
  expect(events()).toEqual(before.events);
  swallow(false);
  await goesOn(flow);
  expect(network.a.plane.observeTcp().get(FAST)).toEqual(before.tcp);
  reopen(true);
});
