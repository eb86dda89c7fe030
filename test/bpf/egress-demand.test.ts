// What liveness asks of a list, at the packet: withheld lists wait for the last resort, multipliers are a list's own.
import { buildProbePacket } from "../../packages/agent/src/bpf/probe-packet";
import type { KernelSpread, ListDemand } from "../../packages/agent/src/reconcile/data-plane";
import { ethernet, PacketBuilder } from "./packet-builder";
import { list, policy, SELF, sids, SteeringHost } from "./steering";

const PEER = "2001:db8:b::1";
const NONCE = 11n;
const HOST_MULTIPLIER = 3;
const LISTS = [1, 2, 3] as const;
type List = (typeof LISTS)[number];
const FREE: ListDemand = { withheld: undefined, multiplier: undefined };

let host: SteeringHost;
let base = 0n;

beforeAll(() => {
  host = SteeringHost.open();
});

afterAll(() => host.close());

/** Lists of its own for each test: 1 and 2 are the first candidate, 3 the second. */
beforeEach(() => {
  const config = host.plane.config();
  if (config !== undefined) host.plane.setConfig({ ...config, probeMultiplier: HOST_MULTIPLIER });
  base += 1_000n;
  for (const i of LISTS) {
    const segments = sids(`2001:db8:ffff:${i}::`, "2001:db8:ff46::");
    host.plane.putList(base + BigInt(i), list(host.uplink, { encapsulation: "encap", segments }));
  }
});

function steer(candidates: readonly (readonly List[])[], spread: KernelSpread): void {
  const ofKernel = candidates.map((lists) => ({
    lists: lists.map((one) => ({ list: base + BigInt(one), weight: 1 })),
  }));
  host.plane.putPolicy(base, { ...policy([]), candidates: ofKernel, spread });
  host.steer("2001:db8:b::/48", { policy: base });
}

const demand = (one: List, given: Partial<ListDemand>) =>
  host.plane.demandOfList(base + BigInt(one), { ...FREE, ...given });

function probe(one: List, count: number): void {
  const identity = host.plane.probeIdentity(base + BigInt(one));
  const packet = buildProbePacket({
    source: SELF,
    probeSegments: sids(`2001:db8:ffff:${one}::`),
    slot: identity?.slot ?? -1,
    loop: 0,
    loopOnly: false,
    nonce: NONCE,
    hopLimit: 64,
    signingKey: undefined,
  });
  for (let i = 0; i < count; i++) host.out(ethernet(packet));
}

/** The lists that many flows take. */
function taken(flows = 64): List[] {
  const found = Array.from({ length: flows }, (_, i) => {
    const frame = PacketBuilder.between(SELF, PEER)
      .udp(53, undefined, 1_000 + i)
      .frame();
    return host.passed(frame).readUInt16BE(44) as List;
  });
  return [...new Set(found)].sort();
}

const SPREADS: readonly KernelSpread[] = [{ kind: "flow" }, { kind: "flowlet", gapUs: 1 }, { kind: "packet" }];

describe.each(SPREADS)("a spread by $kind", (spread) => {
  test.each<[string, readonly List[], readonly List[], readonly List[]]>([
    ["nothing withheld: all of the first candidate", [], [], [1, 2]],
    ["one of two withheld: the other", [1], [], [2]],
    ["both withheld: the next candidate", [1, 2], [], [3]],
    ["one withheld, one dead: the next candidate", [1], [2], [3]],
    ["all withheld: the first candidate, as if none were", [1, 2, 3], [], [1, 2]],
    ["all withheld, the first candidate half dead: its other half", [1, 2, 3], [1], [2]],
    ["what is alive is withheld, the rest dead: never denied", [2], [1, 3], [2]],
  ])("%s", (_, withheld, dead, expected) => {
    steer([[1, 2], [3]], spread);
    for (const one of withheld) demand(one, { withheld: "loss" });
    for (const one of dead) probe(one, HOST_MULTIPLIER);
    expect(taken()).toEqual(expected);
  });
});

describe("candidates of one list", () => {
  beforeEach(() => steer([[1], [3]], { kind: "flow" }));

  test("a withheld list is left at once, by flows that are on it, and taken again at once", () => {
    const before = taken();
    demand(1, { withheld: "hold_up" });
    const during = taken();
    demand(1, FREE);
    expect([before, during, taken()]).toEqual([[1], [3], [1]]);
  });

  test("the last path is taken although it is withheld", () => {
    demand(1, { withheld: "link_down" });
    probe(3, HOST_MULTIPLIER);
    expect(taken()).toEqual([1]);
  });

  test.each([
    ["the host's, when it has none", undefined, 3],
    ["a smaller one", 2, 2],
    ["a larger one", 255, 255],
  ])("multiplier: %s", (_, multiplier, deadAt) => {
    demand(1, { multiplier });
    probe(1, deadAt - 1);
    const before = taken(1);
    probe(1, 1);
    expect([before, taken(1)]).toEqual([[1], [3]]);
  });

  test("a list that moves to another MTU keeps what is asked of it", () => {
    demand(1, { withheld: "delay", multiplier: 9 });
    const held = host.plane.lists().get(base + 1n);
    if (held === undefined) throw new Error("the list is there");
    host.plane.putList(base + 1n, { ...held, mtu: 1_400 });
    expect(host.plane.listDemands().get(base + 1n)).toEqual({ withheld: "delay", multiplier: 9 });
    expect(host.plane.probeIdentity(base + 1n)).toBeDefined();
  });
});
