import { ipv6, ipv6Prefix } from "@sextant/model";
import { libbpf } from "../../packages/agent/src/bpf/ffi";
import { REUSE_GRACE_MS } from "../../packages/agent/src/bpf/index-pool";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import { STRUCT_LAYOUTS } from "../../packages/agent/src/bpf/struct-layouts";
import type { HostConfig, KernelPolicy } from "../../packages/agent/src/reconcile/data-plane";
import { codeOf } from "../support/code-of";
import { destinationOf, fullRuleOf, listOf, policyOf, ruleOf, sid } from "./map-samples";
import { OBJECTS, uniqueInstance } from "./packet-path-fixture";
import { bump, peek, poke } from "./raw-maps";
import { prefix } from "./steering";

const CONFIG: HostConfig = { nodeSid: sid(1), decapsulationSid: sid(2), probeMultiplier: 3, term: 0xffff_ffff_ffffn };
const ANY = prefix("::/0");

let instance: string;
let now = 0;
let plane: KernelDataPlane;

const open = () => KernelDataPlane.open({ instance, objectDirectory: OBJECTS, nowMs: () => now });
const reopen = () => {
  plane.close();
  plane = open();
};
const epoch = () => peek(instance, "host_config", 0, 64).readUInt32LE(STRUCT_LAYOUTS.sxt_host_config.epoch);

beforeEach(() => {
  instance = uniqueInstance();
  plane = open();
});

afterEach(() => {
  plane.close();
  KernelDataPlane.destroy(instance);
});

describe("what is written is read back, by the next agent too", () => {
  test("configuration", () => {
    plane.setConfig(CONFIG);
    expect(plane.config()).toEqual(CONFIG);
    plane.setConfig({ ...CONFIG, decapsulationSid: undefined });
    reopen();
    expect(plane.config()).toEqual({ ...CONFIG, decapsulationSid: undefined });
  });

  test("lists of one and of the most segments, with and without gateway", () => {
    const wanted = new Map([
      [1n, listOf(2, [sid(1)])],
      [0xffff_ffff_ffff_ffffn, { ...listOf(3), header: new Uint8Array(344).fill(7), encapsulation: "encap" as const }],
      [2n, { ...listOf(4), nextHop: { ifindex: 8, gateway: undefined }, mtu: 0xffff_ffff }],
    ]);
    for (const [key, list] of wanted) plane.putList(key, list);
    expect(plane.lists()).toEqual(wanted);
    reopen();
    expect(plane.lists()).toEqual(wanted);
  });

  test("policies of every shape", () => {
    for (let i = 1; i <= 32; i++) plane.putList(BigInt(i), listOf(i));
    const weighted = (count: number) => ({
      lists: Array.from({ length: count }, (_, i) => ({ list: BigInt(i + 1), weight: i === 0 ? 65535 : i })),
    });
    const wanted = new Map<bigint, KernelPolicy>([
      [1n, { candidates: [], onNoPath: "drop", spread: { kind: "flow" } }],
      [2n, { candidates: [{ lists: [] }, weighted(2), weighted(32)], onNoPath: "route", spread: { kind: "packet" } }],
      [
        3n,
        {
          ...policyOf(...Array.from({ length: 16 }, (_, i) => BigInt(16 - i))),
          spread: { kind: "flowlet", gapUs: 500 },
        },
      ],
    ]);
    for (const [key, policy] of wanted) plane.putPolicy(key, policy);
    expect(plane.policies()).toEqual(wanted);
    reopen();
    expect(plane.policies()).toEqual(wanted);
  });

  test("destinations of both families with their rules in order", () => {
    plane.putPolicy(1n, policyOf());
    plane.putPolicy(2n, policyOf());
    const wanted = new Map([
      [ANY, destinationOf(ruleOf(1n))],
      [prefix("0.0.0.0/0"), { ...destinationOf(), packetBytesMax: 1444 }],
      [prefix("192.0.2.1/32"), destinationOf(fullRuleOf(2n), ruleOf(1n))],
      [prefix("2001:db8::/33"), destinationOf(fullRuleOf(1n), fullRuleOf(2n), ruleOf(1n, 2n), ruleOf(2n, 2n))],
    ]);
    for (const [prefix, destination] of wanted) plane.putDestination(prefix, destination);
    expect(plane.destinations()).toEqual(wanted);
    reopen();
    expect(plane.destinations()).toEqual(wanted);
    plane.deleteDestination(ANY);
    expect(plane.destinations().has(ANY)).toBe(false);
  });

  test("sources and senders, more of them than one batch", () => {
    const sources = Array.from({ length: 1500 }, (_, i) => ipv6Prefix(`2001:db8:${(i + 1).toString(16)}::/48`));
    const senders = sources.map((inner) => ({ sender: ipv6("2001:db8:a::1"), inner }));
    const ipv4 = { sender: ipv6("2001:db8:b::1"), inner: prefix("192.0.2.0/25") };
    for (const prefix of sources) plane.addDomainSource(prefix);
    for (const sender of [...senders, ipv4]) plane.addSender(sender);
    expect([...plane.domainSources()].sort()).toEqual([...sources].sort());
    expect(plane.senders()).toHaveLength(1501);
    for (const sender of senders) plane.deleteSender(sender);
    expect(plane.senders()).toEqual([ipv4]);
  });

  test("every reason, at zero", () => {
    expect([...plane.reasons().values()].every((count) => count === 0n)).toBe(true);
  });
});

describe("remembered decisions are void", () => {
  test.each<[string, () => void]>([
    ["a destination comes", () => plane.putDestination(ANY, destinationOf(ruleOf(1n)))],
    ["a destination goes", () => plane.deleteDestination(ANY)],
    ["a trusted source comes", () => plane.addDomainSource(ipv6Prefix("2001:db8::/32"))],
    ["a trusted source goes", () => plane.deleteDomainSource(ipv6Prefix("2001:db8::/32"))],
    ["a policy goes", () => plane.deletePolicy(1n)],
    ["another agent comes", () => reopen()],
  ])("when %s", (_sentence, change) => {
    plane.putPolicy(1n, policyOf());
    const before = epoch();
    change();
    expect(epoch()).toBeGreaterThan(before);
  });

  test("never as epoch 0, of which empty memory is", () => {
    const bytes = peek(instance, "host_config", 0, 64);
    bytes.writeUInt32LE(0xffff_ffff, STRUCT_LAYOUTS.sxt_host_config.epoch);
    poke(instance, "host_config", 0, bytes);
    plane.deleteDestination(ANY);
    expect(epoch()).toBe(1);
  });

  test("but not when a path of a policy changes: that is read per packet", () => {
    plane.putList(1n, listOf(1));
    plane.putPolicy(1n, policyOf(1n));
    const before = epoch();
    plane.putList(1n, { ...listOf(1), mtu: 1280 });
    plane.putPolicy(1n, { ...policyOf(), candidates: [{ lists: [] }] });
    expect(epoch()).toBe(before);
  });
});

describe("nothing changes under a packet", () => {
  const firstRow = () => peek(instance, "rules", 0, STRUCT_LAYOUTS.sxt_rule.bytes);
  const policyOfRow = () => firstRow().readUInt32LE(STRUCT_LAYOUTS.sxt_rule.policy);

  test("a destination's new rules are other rows than the old ones, which rest", () => {
    plane.putPolicy(1n, policyOf());
    plane.putDestination(ANY, destinationOf(ruleOf(1n, 9n)));
    const row = firstRow();
    plane.putDestination(ANY, destinationOf(ruleOf(1n, 8n)));
    plane.putDestination(ANY, destinationOf(ruleOf(1n, 7n)));
    expect(firstRow()).toEqual(row);
    now += REUSE_GRACE_MS;
    plane.putDestination(ANY, destinationOf(ruleOf(1n, 6n)));
    expect(firstRow()).not.toEqual(row);
    expect(plane.destinations().get(ANY)).toEqual(destinationOf(ruleOf(1n, 6n)));
  });

  test("a policy that changes in one target stays where it is; otherwise its rules follow it elsewhere", () => {
    plane.putList(1n, listOf(1));
    plane.putPolicy(1n, policyOf(1n));
    plane.putDestination(ANY, destinationOf(ruleOf(1n)));
    const before = policyOfRow();
    plane.putPolicy(1n, { ...policyOf(), candidates: [{ lists: [] }] });
    expect(policyOfRow()).toBe(before);
    plane.putPolicy(1n, { ...policyOf(1n, 1n), onNoPath: "drop" });
    expect(policyOfRow()).not.toBe(before);
    expect(plane.policies()).toEqual(new Map([[1n, { ...policyOf(1n, 1n), onNoPath: "drop" }]]));
    expect(plane.destinations()).toEqual(new Map([[ANY, destinationOf(ruleOf(1n))]]));
    reopen();
    expect(plane.policies()).toEqual(new Map([[1n, { ...policyOf(1n, 1n), onNoPath: "drop" }]]));
    expect(plane.destinations()).toEqual(new Map([[ANY, destinationOf(ruleOf(1n))]]));
  });

  test("a removed list's bytes stay for the grace period, and its place is nobody's", () => {
    const { bytes, first_segment } = STRUCT_LAYOUTS.sxt_list;
    const content = () => peek(instance, "lists", 0, bytes).subarray(first_segment);
    plane.putList(1n, listOf(1));
    const before = content();
    plane.deleteList(1n);
    plane.putList(2n, listOf(2));
    expect([content(), plane.probeIdentity(2n)]).toEqual([before, { slot: 1, nonce: 2n }]);
    now += REUSE_GRACE_MS;
    plane.putList(3n, listOf(3));
    expect(plane.probeIdentity(3n)).toEqual({ slot: 0, nonce: 3n });
  });

  test("a list with another header is another one, and its policies name that", () => {
    const pair = {
      candidates: [
        {
          lists: [
            { list: 1n, weight: 1 },
            { list: 2n, weight: 3 },
          ],
        },
      ],
    };
    const policies = new Map([
      [1n, policyOf(1n, 2n)],
      [2n, { ...policyOf(), ...pair }],
      [3n, policyOf(2n)],
    ]);
    plane.putList(1n, listOf(1));
    plane.putList(2n, listOf(2));
    for (const [key, policy] of policies) plane.putPolicy(key, policy);
    bump(instance, "list_states", 0, [9n, 8n, 7n, 6n]);
    plane.putList(1n, listOf(5));
    expect(plane.probeIdentity(1n)).toEqual({ slot: 2, nonce: 5n });
    expect(plane.observeLists().get(1n)).toMatchObject({ sent: 0n, returned: 0n });
    expect([plane.lists().get(1n), plane.policies()]).toEqual([listOf(5), policies]);
    reopen();
    expect([plane.lists(), plane.policies()]).toEqual([
      new Map([
        [1n, listOf(5)],
        [2n, listOf(2)],
      ]),
      policies,
    ]);
  });

  test("next hops are shared, and stay while a list names them", () => {
    const { ifindex } = STRUCT_LAYOUTS.sxt_next_hop;
    const at = (slot: number) => peek(instance, "next_hops", slot, 24).readUInt32LE(ifindex);
    plane.putList(1n, listOf(1));
    plane.putList(2n, listOf(2));
    plane.putList(1n, { ...listOf(1), nextHop: { ifindex: 9, gateway: undefined } });
    expect([at(0), at(1), at(2)]).toEqual([7, 9, 0]);
    expect(plane.lists().get(2n)?.nextHop.ifindex).toBe(7);
  });
});

describe("counters", () => {
  const cpus = libbpf().libbpf_num_possible_cpus();
  const perCpu = (packets: bigint, bytes: bigint) => Array.from({ length: cpus }, () => [packets, bytes]).flat();
  const sum = (packets: bigint, bytes: bigint) => ({ packets: packets * BigInt(cpus), bytes: bytes * BigInt(cpus) });
  const none = { packets: 0n, bytes: 0n };

  test("stay when a list moves to another next hop, and when it was overwritten by hand", () => {
    plane.putList(1n, listOf(1));
    bump(instance, "list_states", 0, [9n, 8n, 7n, 6n]);
    const expected = new Map([[1n, { sent: 9n, returned: 8n, returnedCount: 7n, roundTripNs: 6n, ...none }]]);
    plane.putList(1n, { ...listOf(1), nextHop: { ifindex: 9, gateway: undefined } });
    expect(plane.observeLists()).toEqual(expected);
    poke(instance, "lists", 0, Buffer.alloc(STRUCT_LAYOUTS.sxt_list.bytes));
    expect(plane.lists().size).toBe(0);
    plane.putList(1n, listOf(1));
    expect([plane.observeLists(), plane.lists().get(1n)]).toEqual([expected, listOf(1)]);
  });

  test("start from zero for a list that takes over the place of a removed one", () => {
    plane.putList(1n, listOf(1));
    bump(instance, "list_states", 0, [9n, 8n, 7n, 6n]);
    bump(instance, "list_loops", 0, [9n, 8n, 7n, 6n, 5n, 4n, 3n, 2n]);
    bump(instance, "list_counters", 0, perCpu(5n, 500n));
    plane.deleteList(1n);
    expect(plane.observeLists()).toEqual(new Map());
    now += REUSE_GRACE_MS;
    plane.putList(2n, listOf(2));
    expect(plane.observeLists().get(2n)).toMatchObject({ sent: 0n, returned: 0n, packets: 0n, bytes: 0n });
    expect(plane.observeLists().get(2n)?.loops).toBeUndefined();
  });

  test("of candidates are summed over CPUs, stay with their position, and go with the policy", () => {
    plane.putList(1n, listOf(1));
    plane.putPolicy(1n, policyOf(1n, 1n));
    bump(instance, "leg_counters", 1, perCpu(2n, 20n));
    plane.putPolicy(1n, { ...policyOf(1n, 1n, 1n), onNoPath: "drop" });
    const expected = new Map([[1n, [none, sum(2n, 20n), none]]]);
    expect(plane.policyCounters()).toEqual(expected);
    reopen();
    expect(plane.policyCounters()).toEqual(expected);
    plane.deletePolicy(1n);
    now += REUSE_GRACE_MS;
    plane.putPolicy(2n, policyOf(1n, 1n));
    expect(plane.policyCounters()).toEqual(new Map([[2n, [none, none]]]));
  });

  test("of uplinks are those of all their next hops, and outlive the lists", () => {
    plane.putList(1n, listOf(1));
    plane.putList(2n, { ...listOf(2), nextHop: { ifindex: 7, gateway: ipv6("fe80::2") } });
    plane.putList(3n, { ...listOf(3), nextHop: { ifindex: 8, gateway: undefined } });
    bump(instance, "next_hop_counters", 0, perCpu(1n, 10n));
    bump(instance, "next_hop_counters", 1, perCpu(2n, 20n));
    plane.deleteList(2n);
    expect(plane.uplinkCounters()).toEqual(
      new Map([
        [7, sum(3n, 30n)],
        [8, none],
      ]),
    );
  });
});

describe("refused as invalid_argument, with nothing changed", () => {
  test.each<[string, () => void]>([
    ["a header longer than the room for it", () => plane.putList(1n, { ...listOf(1), header: new Uint8Array(345) })],
    ["a list without header", () => plane.putList(1n, { ...listOf(1), header: new Uint8Array() })],
    [
      "a policy of 17 candidates",
      () => plane.putPolicy(1n, { ...policyOf(), candidates: Array(17).fill({ lists: [] }) as [] }),
    ],
    [
      "a candidate of 33 lists",
      () =>
        plane.putPolicy(1n, { ...policyOf(), candidates: [{ lists: Array(33).fill({ list: 1n, weight: 1 }) as [] }] }),
    ],
    [
      "a weight of zero",
      () => plane.putPolicy(1n, { ...policyOf(), candidates: [{ lists: [{ list: 1n, weight: 0 }] }] }),
    ],
    ["a multiplier of zero", () => plane.setConfig({ ...CONFIG, probeMultiplier: 0 })],
    ["an instance that is no name", () => KernelDataPlane.open({ instance: "../maps" })],
  ])("%s", (_sentence, action) => {
    expect(codeOf(action)).toBe("invalid_argument");
    expect([plane.lists().size, plane.policies().size, plane.config()]).toEqual([0, 0, undefined]);
  });
});

test("what names something that is not there is a bug, and nothing is written", () => {
  expect(codeOf(() => plane.putPolicy(1n, policyOf(9n)))).toBe("internal");
  expect(codeOf(() => plane.putDestination(ANY, destinationOf(ruleOf(9n))))).toBe("internal");
  plane.putPolicy(1n, policyOf());
  expect(codeOf(() => plane.putDestination(ANY, destinationOf(ruleOf(1n, 1n), ruleOf(1n, 2n))))).toBe("internal");
  expect([plane.policies().size, plane.destinations().size]).toEqual([1, 0]);
});

describe("pins of another agent", () => {
  test("of another layout are refused with what to do, and left alone", () => {
    plane.putList(1n, listOf(1));
    const config = peek(instance, "host_config", 0, 64);
    const other = Buffer.from(config);
    other.writeUInt32LE(1);
    poke(instance, "host_config", 0, other);
    expect(codeOf(open)).toBe("conflict");
    expect(open).toThrow(/layout 1.*go on forwarding.*sextant agent uninstall/);
    expect(codeOf(() => KernelDataPlane.view(instance))).toBe("conflict");
    expect(plane.lists().size).toBe(1);
  });

  test("half-made are started anew", () => {
    plane.putList(1n, listOf(1));
    plane.close();
    PinDirectory.ofInstance(instance).child("maps").unpin("host_config");
    plane = open();
    expect([plane.lists().size, plane.config()]).toEqual([0, undefined]);
  });

  test("are looked at without a program", () => {
    plane.putList(1n, listOf(1));
    plane.putPolicy(1n, policyOf(1n));
    plane.putDestination(ANY, destinationOf(ruleOf(1n)));
    const before = epoch();
    const view = KernelDataPlane.view(instance);
    expect([view?.lists(), view?.destinations()]).toEqual([plane.lists(), plane.destinations()]);
    view?.close();
    expect(epoch()).toBe(before);
  });
});

test("programs that were not built are not_found, and nothing is pinned for them", () => {
  const other = uniqueInstance();
  expect(codeOf(() => KernelDataPlane.open({ instance: other, objectDirectory: "/nonexistent" }))).toBe("not_found");
  expect(PinDirectory.ofInstance(other).child("maps").names()).toEqual([]);
  KernelDataPlane.destroy(other);
});
