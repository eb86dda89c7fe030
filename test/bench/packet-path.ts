// What the egress program costs per packet, net of a program that does nothing.
import { ipv6, ipv6Prefix, type Sid } from "@sextant/model";
import { BpfObject } from "../../packages/agent/src/bpf/bpf-object";
import type { KernelMatch } from "../../packages/agent/src/reconcile/data-plane";
import { PacketBuilder } from "../bpf/packet-builder";
import { PacketPathFixture } from "../bpf/packet-path-fixture";
import { enterPrivateNamespace, ifindexOf, ip } from "../bpf/private-namespace";
import { runProgram } from "../bpf/program-run";
import { figure, printReport } from "./report";
import { percentile, spreadOf } from "./statistics";

const FLOOR_OBJECT = `${__dirname}/../../build/bench/floor.bpf.o`;
const ROUNDS = 15;
/** The kernel hands a program the same packet again when it repeats a run: each call is a run of its own, with a fresh packet. */
const RUNS_PER_ROUND = 4_000;
const WARM_UP_RUNS = 1_000;
const LENGTHS = [2, 4, 10] as const;
const MANY_RULES = 1_000;
const PAYLOAD_BYTES = 64;
/** The third group of a destination says how many segments its list has; no rule covers this one. */
const UNSTEERED = "99";

interface Case {
  readonly name: string;
  readonly program: number;
  readonly frame: Buffer;
  /** What the kernel said each run took: one reading of the clock included, as in the floor. */
  readonly roundsNs: number[];
}

function main(): void {
  const leave = enterPrivateNamespace();
  try {
    const ifindex = uplink();
    const few = withRules(ifindex, 0);
    const many = withRules(ifindex, MANY_RULES);
    const floor = BpfObject.load(FLOOR_OBJECT, "bench_floor", new Map());
    try {
      report(measure(cases(floor.programFd, few, many), ifindex));
    } finally {
      floor.close();
      many.close();
      few.close();
    }
  } finally {
    leave();
  }
}

function uplink(): number {
  ip("link add up0 type veth peer name up1");
  ip("link set up0 up");
  ip("link set up1 up");
  return ifindexOf("up0");
}

/** The product's programs with a rule per list length, and `more` rules for other destinations, each with its policy. */
function withRules(ifindex: number, more: number): PacketPathFixture {
  const fixture = PacketPathFixture.openHere();
  const { plane } = fixture;
  plane.setConfig({ nodeSid: ipv6("2001:db8:fffe:1::") as Sid, probeMultiplier: 3, term: 1n });
  plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
  const rule = (policy: bigint, list: bigint, prefix: string) => {
    const row: KernelMatch = { policy, cgroup: undefined, protocol: 17, ports: { first: 5_000, last: 5_999 } };
    plane.putPolicy(policy, { candidates: [list], onNoPath: "route" });
    plane.putDestination(ipv6Prefix(prefix), [row]);
  };
  for (const length of LENGTHS) {
    const segments = Array.from({ length }, (_, i) => ipv6(`2001:db8:ffff:${i + 1}::`) as Sid);
    const list = BigInt(length);
    plane.putList(list, { segments, nextHop: { ifindex, gateway: undefined }, nonce: 11n });
    rule(list, list, `2001:db8:${length}::/48`);
  }
  for (let i = 0; i < more; i++) rule(BigInt(1_000 + i), 2n, `2001:db8:f00:${i.toString(16)}::/64`);
  return fixture;
}

function cases(floor: number, few: PacketPathFixture, many: PacketPathFixture): Case[] {
  const entry = (name: string, program: number, third: string): Case => {
    const frame = PacketBuilder.between("2001:db8:a::1", `2001:db8:${third}::1`)
      .udp(5_000, new Uint8Array(PAYLOAD_BYTES))
      .frame();
    return { name, program, frame, roundsNs: [] };
  };
  return [
    entry("floor", floor, UNSTEERED),
    entry("miss", few.programs.egress, UNSTEERED),
    ...LENGTHS.map((length) => entry(`insert ${length}`, few.programs.egress, String(length))),
    entry(`miss, ${MANY_RULES} rules`, many.programs.egress, UNSTEERED),
    entry(`insert 2, ${MANY_RULES} rules`, many.programs.egress, "2"),
  ];
}

/** Interleaved: whatever slows the machine for a while falls on all cases alike. */
function measure(all: readonly Case[], ifindex: number): readonly Case[] {
  for (const { name, program, frame } of all) {
    const { frame: out } = runProgram(program, frame, { ifindex });
    if (name.startsWith("insert") !== out.length > frame.length)
      throw new Error(`${name}: not what was to be measured`);
    for (let i = 0; i < WARM_UP_RUNS; i++) runProgram(program, frame, { ifindex });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { program, frame, roundsNs } of all) {
      const runs = Array.from({ length: RUNS_PER_ROUND }, () => runProgram(program, frame, { ifindex }).durationNs);
      roundsNs.push(percentile(runs, 0.5));
    }
  }
  return all;
}

function report(all: readonly Case[]): void {
  const floor = all[0]?.roundsNs ?? [];
  const net = new Map(
    all.slice(1).map(({ name, roundsNs }) => [name, spreadOf(roundsNs.map((ns, i) => ns - (floor[i] ?? 0)))]),
  );
  const median = (name: string) => net.get(name)?.median ?? Number.NaN;
  const { median: floorNs, p95: floorP95 } = spreadOf(floor);
  const rows = [...net].map(([name, { median: ns, p95 }]) => [name, figure(ns), figure(p95)]);
  printReport({
    what: `egress program, ns per packet net of the floor: ${ROUNDS} interleaved rounds, each the median of ${RUNS_PER_ROUND} runs`,
    header: ["case", "median", "p95 of rounds"],
    rows: [["floor (gross)", figure(floorNs), figure(floorP95)], ...rows],
    json: {
      missNs: median("miss"),
      insert2Ns: median("insert 2"),
      insert4Ns: median("insert 4"),
      insert10Ns: median("insert 10"),
      rules1000Ratio: median(`insert 2, ${MANY_RULES} rules`) / median("insert 2"),
      floorNs,
    },
  });
}

main();
