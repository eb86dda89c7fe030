import type { KernelSpread } from "../../packages/agent/src/reconcile/data-plane";
import { buildProbePacket } from "../../packages/agent/src/bpf/probe-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { list, policy, SELF, sids, SteeringHost } from "./steering";

const PEER = "2001:db8:b::1";
const LISTS = 32;
const NONCE = 11n;
const PROBE_MULTIPLIER = 3;
/** Tells the last list of a policy, the one that is taken when all others are dead. */
const BACKUP = BigInt(LISTS + 1);

jest.setTimeout(20_000);

let host: SteeringHost;
/** Key of the list before the first one of the present test: each has lists of its own, all alive. */
let base = 0n;

beforeAll(() => {
  host = SteeringHost.open();
});

afterAll(() => host.close());

beforeEach(() => {
  const config = host.plane.config();
  if (config !== undefined) host.plane.setConfig({ ...config, probeMultiplier: PROBE_MULTIPLIER });
  base += 1_000n;
  for (let i = 1n; i <= BACKUP; i++) {
    const segments = sids(`2001:db8:ffff:${i.toString(16)}::`, "2001:db8:ff46::");
    host.plane.putList(base + i, list(host.uplink, { encapsulation: "encap", segments }));
  }
});

function spread(weights: readonly number[], kind: KernelSpread): void {
  const lists = weights.map((weight, i) => ({ list: base + BigInt(i + 1), weight }));
  const backup = { lists: [{ list: base + BACKUP, weight: 1 }] };
  host.plane.putPolicy(base, { ...policy([]), candidates: [{ lists }, backup], spread: kind });
  host.steer("2001:db8:b::/48", { policy: base });
}

/** The list that a packet of a flow takes. */
function taken(flow: number): number {
  const frame = PacketBuilder.between(`2001:db8:a::${(flow >> 14).toString(16)}`, PEER)
    .udp(53, undefined, 1_000 + (flow & 0x3fff))
    .frame();
  return host.passed(frame).readUInt16BE(44);
}

const flows = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Share of each list, by its index. */
function shares(found: readonly number[], lists: number): number[] {
  return Array.from({ length: lists }, (_, i) => found.filter((value) => value === i + 1).length / found.length);
}

/** Probes go out and none comes back. */
function kill(key: bigint): void {
  const identity = host.plane.probeIdentity(base + key);
  const packet = buildProbePacket({
    source: SELF,
    probeSegments: sids("2001:db8:ffff:1::"),
    slot: identity?.slot ?? -1,
    loop: 0,
    loopOnly: false,
    nonce: NONCE,
    hopLimit: 64,
    signingKey: undefined,
  });
  for (let i = 0; i < PROBE_MULTIPLIER; i++) {
    expect(host.out(ethernet(packet)).reason).toBe("probe_sent");
  }
}

const expectedOf = (weights: readonly number[]) => {
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
};

const WEIGHTS = [[1, 1], [3, 1], [5, 3, 2], [10, 10, 10, 10, 60], Array.from({ length: LISTS }, () => 7)];

describe.each<KernelSpread>([{ kind: "flow" }, { kind: "packet" }, { kind: "flowlet", gapUs: 0 }])("%j", (kind) => {
  test.each(WEIGHTS.map((weights) => [weights.join(":"), weights] as const))(
    "weights %s are honoured",
    (_name, weights) => {
      spread(weights, kind);
      const found = shares(flows(30_000).map(taken), weights.length);
      const worst = Math.max(...expectedOf(weights).map((share, i) => Math.abs(share - (found[i] ?? 0))));
      expect(worst).toBeLessThan(0.02);
    },
  );

  test("what is dead gets nothing, the others its share by their weights", () => {
    spread([5, 3, 2], kind);
    flows(1_000).forEach(taken);
    kill(1n);
    const found = shares(flows(10_000).map(taken), 3);
    expect(found[0]).toBe(0);
    expect(Math.abs((found[1] ?? 0) - 0.6)).toBeLessThan(0.02);
    kill(2n);
    expect(shares(flows(1_000).map(taken), 3)).toEqual([0, 0, 1]);
    kill(3n);
    expect(new Set(flows(100).map(taken))).toEqual(new Set([Number(BACKUP)]));
  });
});

describe("flow", () => {
  test("stays on its list; of a dead one only its own flows move, and only they come back", () => {
    spread([4, 3, 2, 1], { kind: "flow" });
    const before = flows(4_000).map(taken);
    expect(flows(4_000).map(taken)).toEqual(before);
    kill(2n);
    const without = flows(4_000).map(taken);
    expect(without).not.toContain(2);
    expect(without.map((now, i) => (before[i] === 2 ? 2 : now))).toEqual(before);
    kill(1n);
    const withoutBoth = flows(4_000).map(taken);
    expect(withoutBoth.map((now, i) => (without[i] === 1 ? 1 : now))).toEqual(without);
    revive();
    expect(flows(4_000).map(taken)).toEqual(before);
  });

  test("keeps its list when another one is added, unless it goes to that", () => {
    spread([1, 1, 1], { kind: "flow" });
    const before = flows(3_000).map(taken);
    spread([1, 1, 1, 1], { kind: "flow" });
    const after = flows(3_000).map(taken);
    expect(after.map((now, i) => (now === 4 ? before[i] : now))).toEqual(before);
  });
});

/** Before the host is configured no list is dead. */
function revive(): void {
  const config = host.plane.config();
  if (config !== undefined) host.plane.setConfig({ ...config, probeMultiplier: 1_000_000 });
}

describe("flowlet", () => {
  test("stays on its list while packets follow one another, and may change after a pause", async () => {
    spread([1, 1, 1, 1], { kind: "flowlet", gapUs: 200_000 });
    const first = taken(1);
    expect(new Set(flows(500).map(() => taken(1)))).toEqual(new Set([first]));
    const later: number[] = [];
    spread([1, 1, 1, 1], { kind: "flowlet", gapUs: 1_000 });
    for (let i = 0; i < 60; i++) {
      await new Promise((resolve) => setTimeout(resolve, 3));
      later.push(taken(1));
    }
    expect(new Set(later).size).toBeGreaterThan(2);
  });

  test("leaves a list that has died", () => {
    spread([1, 1], { kind: "flowlet", gapUs: 1_000_000 });
    const first = taken(1);
    kill(BigInt(first));
    expect(taken(1)).toBe(3 - first);
  });
});
