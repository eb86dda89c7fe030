// What the egress program costs per packet, net of a program that does nothing.
import { BpfObject } from "../../packages/agent/src/bpf/bpf-object";
import { PacketBuilder } from "../bpf/packet-builder";
import { enterPrivateNamespace, ifindexOf, ip } from "../bpf/private-namespace";
import { ProgramRunner } from "../bpf/program-run";
import { PORTS, SOURCE, STEERED, steer, UNSTEERED, WAY_NAMES, type Way } from "./packet-path/cases";
import { type LiveCase, measureLive } from "./packet-path/live";
import { RuleTable } from "./packet-path/rule-table";
import { figure, printReport } from "./report";
import { percentile, spreadOf } from "./statistics";

const FLOOR_OBJECT = `${__dirname}/../../build/bench/floor.bpf.o`;
const ROUNDS = 15;
/** The kernel hands a program the same packet again when it repeats a run: each call is a run of its own, with a fresh packet. */
const RUNS_PER_ROUND = 2_000;
const WARM_UP_RUNS = 200;
const PAYLOAD_BYTES = 64;
const RULES = [1, 100, 10_000] as const;

interface Case {
  readonly name: string;
  readonly program: { readonly programFd: number };
  readonly frames: readonly Buffer[];
  readonly before: () => void;
  /** What the kernel said each run took: one reading of the clock included, as in the floor. */
  readonly runsNs: number[];
  readonly roundsNs: number[];
}

async function main(): Promise<void> {
  const leave = enterPrivateNamespace();
  const floor = BpfObject.load(FLOOR_OBJECT, "bench_floor");
  const ifindex = uplink();
  const tables = RULES.map((rules) => new RuleTable(rules, ifindex));
  const all = [entry("floor", floor, frameTo(UNSTEERED)), ...tables.flatMap(casesOf)];
  for (const one of all) check(one, ifindex);
  for (let round = 0; round < ROUNDS; round++) {
    for (const table of tables) table.reload();
    measure(all, round, ifindex);
  }
  for (const table of tables) table.close();
  leave();
  const live = await measureLive(floor.programFd);
  floor.close();
  report(all, live);
}

function uplink(): number {
  ip("link add up0 type veth peer name up1");
  ip("link set up0 up");
  ip("link set up1 up");
  return ifindexOf("up0");
}

function frameTo(destination: string, sourcePort?: number): Buffer {
  return PacketBuilder.between(SOURCE, destination).udp(PORTS.first, new Uint8Array(PAYLOAD_BYTES), sourcePort).frame();
}

function entry(name: string, program: Case["program"], ...frames: Buffer[]): Case {
  return { name, program, frames, before: () => undefined, runsNs: [], roundsNs: [] };
}

function casesOf(table: RuleTable): Case[] {
  const { plane, rules } = table;
  const suffix = rules === 1 ? "" : `, ${rules} rules`;
  const steered = (way: Way, name: string, ...frames: Buffer[]): Case => ({
    ...entry(`${name}${suffix}`, table, ...frames),
    before: () => steer(plane, way),
  });
  const ways = rules === 1 ? WAY_NAMES : (["insert 2", "encap 2"] as const);
  // More flows than are remembered: each packet is decided anew.
  const flows = Array.from({ length: 16_384 }, (_, i) => frameTo(STEERED, 40_000 + i));
  return [
    entry(`miss${suffix}`, table, frameTo(UNSTEERED)),
    ...ways.map((way) => steered(way, way, frameTo(STEERED))),
    steered("insert 2", "insert 2, new flow", ...flows),
  ];
}

/** One round. Interleaved: whatever slows the machine for a while falls on all cases alike. */
function measure(all: readonly Case[], round: number, ifindex: number): void {
  for (const { program, frames, before, runsNs, roundsNs } of all) {
    before();
    const runner = new ProgramRunner(program.programFd, frames[0]?.length ?? 0, { ifindex });
    const first = round * RUNS_PER_ROUND;
    const run = (i: number) => runner.run(frames[(first + i) % frames.length] ?? Buffer.alloc(0)).durationNs;
    for (let i = 0; i < WARM_UP_RUNS; i++) run(i);
    const runs = Array.from({ length: RUNS_PER_ROUND }, (_, i) => run(i));
    runsNs.push(...runs);
    roundsNs.push(percentile(runs, 0.5));
  }
}

function check({ name, program, frames, before }: Case, ifindex: number): void {
  before();
  const [frame = Buffer.alloc(0)] = frames;
  const grows = new ProgramRunner(program.programFd, frame.length, { ifindex }).run(frame).frame.length > frame.length;
  if (grows === /^(floor|miss)/.test(name)) throw new Error(`${name}: not what was to be measured`);
}

function report(all: readonly Case[], live: readonly LiveCase[]): void {
  const floor = spreadOf(all[0]?.roundsNs ?? []);
  const net = new Map(all.map(({ name, roundsNs, runsNs }) => [name, netOf(all[0]?.roundsNs ?? [], roundsNs, runsNs)]));
  const median = (name: string) => net.get(name)?.median ?? Number.NaN;
  const liveNet = netOfLive(live);
  const rows = [...net]
    .slice(1)
    .map(([name, { median: ns, p95, p99 }]) => [name, figure(ns), figure(p95), figure(p99)]);
  const liveRows = [...liveNet]
    .slice(1)
    .map(([name, { median: ns, p95 }]) => [`live: ${name}`, figure(ns), figure(p95), ""]);
  printReport({
    what: `egress program, ns per packet net of the floor: ${ROUNDS} interleaved rounds of ${RUNS_PER_ROUND} runs, programs loaded anew for each, with one rule installed and with more; live: means of rounds`,
    header: ["case", "median of rounds", "p95 of rounds", "p99 of runs"],
    rows: [["floor (gross)", figure(floor.median), figure(floor.p95), ""], ...rows, ...liveRows],
    json: {
      missNs: median("miss"),
      ...Object.fromEntries(WAY_NAMES.map((way) => [`${way.replace(" ", "")}Ns`, median(way)])),
      rules100Ratio: median("insert 2, 100 rules") / median("insert 2"),
      rules10000Ratio: median("insert 2, 10000 rules") / median("insert 2"),
      newFlowNs: median("insert 2, new flow"),
      newFlow10000Ns: median("insert 2, new flow, 10000 rules"),
      insert2P99Ns: net.get("insert 2")?.p99 ?? Number.NaN,
      encap2P99Ns: net.get("encap 2")?.p99 ?? Number.NaN,
      liveMissNs: liveNet.get("miss, UDP")?.median ?? Number.NaN,
      liveInsert2Ns: liveNet.get("insert 2, UDP")?.median ?? Number.NaN,
      liveEncap2Ns: liveNet.get("encap 2, UDP")?.median ?? Number.NaN,
      liveUsidNs: liveNet.get("usid, UDP")?.median ?? Number.NaN,
      floorNs: floor.median,
    },
  });
}

/** Round by round against the floor of the same round; single runs against its median. */
function netOf(floor: readonly number[], rounds: readonly number[], runs: readonly number[]) {
  const { median, p95 } = spreadOf(rounds.map((ns, i) => ns - (floor[i] ?? 0)));
  return { median, p95, p99: percentile(runs, 0.99) - percentile(floor, 0.5) };
}

function netOfLive(live: readonly LiveCase[]) {
  const floor = live[0]?.roundsNs ?? [];
  return new Map(
    live.map(({ name, roundsNs }) => [name, spreadOf(roundsNs.map((ns, i) => ns - (floor[i] ?? 0)))] as const),
  );
}

void main();
