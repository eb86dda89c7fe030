// TCP between the hosts of live-network.ts, on two lists: what it has to send again and how long it takes, counted for the list.
import type { ChildProcess } from "node:child_process";
import { hostPrefix, ipv6, type Sid } from "@sextant/model";
import type { KernelPolicy, TcpCounters } from "../../packages/agent/src/reconcile/data-plane";
import { eventually } from "../support/eventually";
import { ADDRESS_A, ADDRESS_B, LiveNetwork, SID_R, SID_R2 } from "./live-network";
import { destinationOf, listOf, policyOf, ruleOf } from "./map-samples";

jest.setTimeout(60_000);

const FAST = 1n;
const SLOW = 2n;
const PORT = 7_100;
const NOTHING: TcpCounters = { sent: 0, sentAgain: 0, cameTwice: 0, roundTrips: 0, roundTripUs: 0, riseUs: 0 };

/** Listens, or connects where there is an address. One of the two sends 30 kB every 20 ms, the other one takes them. */
const TALK = `
  const [port, address, sends] = process.argv.slice(1);
  const net = require("node:net");
  const use = (socket) => {
    socket.setNoDelay().on("error", () => {}).resume();
    if (sends === "sends") setInterval(() => socket.writableLength < 1e6 && socket.write(Buffer.alloc(30_000)), 20);
  };
  if (address === "") net.createServer(use).listen(Number(port), "::", () => console.log("ready"));
  else use(net.connect({ port: Number(port), host: address }));
`;
/** One byte each way in turn; the answer takes 30 ms. */
const THINKER = `require("node:net").createServer((s) => s.on("error", () => {}).on("data", (d) => setTimeout(() => s.write(d), 30))).listen(Number(process.argv[1]), "::", () => console.log("ready"));`;
const ASKER = `
  const socket = require("node:net").connect({ port: Number(process.argv[1]), host: process.argv[2], noDelay: true });
  socket.on("connect", () => socket.write("x")).on("data", () => socket.write("x"));
`;

let network: LiveNetwork;
let port = PORT;
let children: ChildProcess[] = [];

beforeAll(() => {
  network = LiveNetwork.up();
  putList(FAST, SID_R, 0);
  putList(SLOW, SID_R2, 1);
  shape("tc qdisc add dev rb clsact");
  // A segment is lost by itself, not with all of its super-packet.
  for (const device of ["a0", "a1"])
    network.namespaces.run(network.a.namespace, `ip link set ${device} gso_max_segs 1`);
});
afterAll(() => network.down());
afterEach(() => {
  for (const child of children) child.kill();
  children = [];
  shape(PLAIN);
  port++;
});

function putList(key: bigint, segment: Sid, uplink: number): void {
  const gateway = uplink === 0 ? ipv6("2001:db8:a::ff") : ipv6("2001:db8:a2::ff");
  const nextHop = { ifindex: network.a.ifindexes[uplink] ?? 0, gateway };
  network.a.plane.putList(key, { ...listOf(77, [segment]), nextHop });
}

/** What leaves host a for host b follows the policy. */
function steer(policy: KernelPolicy): void {
  network.a.plane.putPolicy(11n, policy);
  network.a.plane.putDestination(hostPrefix(ADDRESS_B), destinationOf(ruleOf(11n)));
}

/** Classic BPF: drops (TC_ACT_SHOT) where the kernel's random number (SKF_AD_RANDOM) is below one in twelve, else TC_ACT_UNSPEC. */
const LOSES = `4,32 0 0 4294963256,53 1 0 ${Math.round(2 ** 32 / 12)},6 0 0 2,6 0 0 4294967295,`;
const lossy = `tc filter add dev rb egress protocol all bpf direct-action bytecode "${LOSES}"`;
/** Less than what is sent: a queue of 60 ms. */
const narrow = "tc qdisc replace dev rb root tbf rate 8mbit burst 10kb latency 60ms";
const PLAIN = "tc filter del dev rb egress; tc qdisc del dev rb root 2> /dev/null || true";

/** What the router of the fast list does to packets on their way to host b. */
function shape(command: string): void {
  network.namespaces.run(network.r, command);
}

async function run(host: "a" | "b", script: string, address: string, ...more: string[]): Promise<void> {
  const command = [process.execPath, "-e", script, String(port), address, ...more];
  const child = network.namespaces.spawn(network[host].namespace, command);
  children.push(child);
  let isReady = address !== "";
  child.stdout?.once("data", () => (isReady = true));
  await eventually("it listens", () => isReady);
}

/** Host a connects and sends. */
async function transfer(): Promise<void> {
  await run("b", TALK, "", "takes");
  await run("a", TALK, ADDRESS_B, "sends");
}

const seenOn = (list: bigint) => network.a.plane.observeTcp().get(list) ?? NOTHING;

/** What a list gets from now on, until it is enough. */
async function next(list: bigint, what: keyof TcpCounters, enough: number): Promise<TcpCounters> {
  const before = seenOn(list);
  await eventually(`${enough} more of ${what}`, () => seenOn(list)[what] >= before[what] + enough);
  const now = seenOn(list);
  const keys = Object.keys(NOTHING) as (keyof TcpCounters)[];
  return Object.fromEntries(keys.map((key) => [key, now[key] - before[key]])) as unknown as TcpCounters;
}

const lossOf = ({ sent, sentAgain, cameTwice }: TcpCounters) => (sentAgain - cameTwice) / sent;
const meanRiseUs = ({ riseUs, roundTrips }: TcpCounters) => riseUs / roundTrips;

test("what is lost on a list is counted for it, and for no other", async () => {
  steer(policyOf(FAST, SLOW));
  await transfer();
  const before = seenOn(SLOW);
  expect(lossOf(await next(FAST, "sent", 1_000))).toBeLessThan(0.01);
  shape(lossy);
  const loss = lossOf(await next(FAST, "sent", 3_000));
  expect([loss > 0.03, loss < 0.2]).toEqual([true, true]);
  expect(seenOn(SLOW)).toEqual(before);
});

test("round trips grow by what the list adds; on another list they begin anew", async () => {
  steer(policyOf(FAST, SLOW));
  await transfer();
  await next(FAST, "roundTrips", 20);
  const calm = meanRiseUs(await next(FAST, "roundTrips", 20));
  shape(narrow);
  await next(FAST, "roundTrips", 100);
  const late = await next(FAST, "roundTrips", 50);
  expect(meanRiseUs(late) - calm).toBeGreaterThan(5_000);
  expect(late.roundTripUs).toBeGreaterThan(late.riseUs);

  steer(policyOf(SLOW, FAST));
  expect(meanRiseUs(await next(SLOW, "roundTrips", 40))).toBeLessThan(5_000);
});

test("a connection that the other host has opened counts as well", async () => {
  steer(policyOf(FAST, SLOW));
  await run("a", TALK, "", "sends");
  await run("b", TALK, ADDRESS_A, "takes");
  expect((await next(FAST, "sent", 500)).roundTrips).toBeGreaterThan(10);
});

test("a peer that thinks before it answers makes no round trip longer", async () => {
  steer(policyOf(FAST, SLOW));
  await run("b", THINKER, "");
  await run("a", ASKER, ADDRESS_B);
  expect((await next(FAST, "sent", 50)).roundTrips).toBe(0);
});
