import { ipv6, ipv6Prefix, type Sid } from "@sextant/model";
import { libbpf, libc } from "../../packages/agent/src/bpf/ffi";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import type { KernelList, KernelMatch } from "../../packages/agent/src/reconcile/data-plane";
import { codeOf } from "../support/code-of";
import { uniqueInstance } from "./packet-path-fixture";

const sid = (n: number) => ipv6(`2001:db8:ffff:${n.toString(16)}::`) as Sid;
const list = (n: number): KernelList => ({
  segments: [sid(n), sid(n + 1)],
  nextHop: { ifindex: 7, gateway: ipv6("fe80::1") },
  nonce: BigInt(n),
});
const row: KernelMatch = { policy: 1n, cgroup: undefined, protocol: 0, ports: undefined };
const fullRow: KernelMatch = {
  policy: 0xffff_ffff_ffff_ffffn,
  cgroup: { id: 0x1_0000_0001n, level: 3 },
  protocol: 17,
  ports: { first: 0, last: 65535 },
};

let instance: string;
let plane: KernelDataPlane;

beforeEach(() => {
  instance = uniqueInstance();
  plane = KernelDataPlane.open({ instance });
});

afterEach(() => {
  plane.close();
  KernelDataPlane.destroy(instance);
});

describe("what is written is read back", () => {
  test("configuration", () => {
    const config = { nodeSid: sid(1), probeMultiplier: 3, term: 0xffff_ffff_ffffn };
    plane.setConfig(config);
    expect(plane.config()).toEqual(config);
  });

  test("lists of one and of the most segments, with and without gateway", () => {
    const longest = { ...list(2), segments: Array.from({ length: 15 }, (_, i) => sid(i + 1)) };
    const direct = { ...list(3), segments: [sid(3)], nextHop: { ifindex: 8, gateway: undefined } };
    plane.putList(1n, longest);
    plane.putList(0xffff_ffff_ffff_ffffn, direct);
    expect(plane.lists()).toEqual(
      new Map([
        [1n, longest],
        [0xffff_ffff_ffff_ffffn, direct],
      ]),
    );
  });

  test("policies without and with the most candidates", () => {
    const empty = { candidates: [], onNoPath: "drop" } as const;
    const full = { candidates: [8n, 7n, 6n, 5n, 4n, 3n, 2n, 1n], onNoPath: "route" } as const;
    plane.putPolicy(1n, empty);
    plane.putPolicy(2n, full);
    expect(plane.policies()).toEqual(
      new Map<bigint, unknown>([
        [1n, empty],
        [2n, full],
      ]),
    );
  });

  test("destinations of every length with their rows in order", () => {
    const wanted = new Map([
      [ipv6Prefix("::/0"), [row]],
      [ipv6Prefix("2001:db8::/33"), [fullRow, row]],
      [ipv6Prefix("2001:db8::1/128"), Array.from({ length: 64 }, (_, i) => ({ ...fullRow, policy: BigInt(i) }))],
    ]);
    for (const [prefix, rows] of wanted) plane.putDestination(prefix, rows);
    expect(plane.destinations()).toEqual(wanted);
    plane.deleteDestination(ipv6Prefix("2001:db8::/33"));
    expect([...plane.destinations().keys()].sort()).toEqual(["2001:db8::1/128", "::/0"]);
  });

  test("sources, more of them than one batch", () => {
    const wanted = Array.from({ length: 1500 }, (_, i) => ipv6Prefix(`2001:db8:${(i + 1).toString(16)}::/48`));
    for (const prefix of wanted) plane.addDomainSource(prefix);
    expect([...plane.domainSources()].sort()).toEqual([...wanted].sort());
  });

  test("every reason, at zero", () => {
    expect([...plane.reasons().values()].every((count) => count === 0n)).toBe(true);
  });
});

describe("counters", () => {
  /** Writes as BPF would. */
  function bump(map: string, slot: number, words: readonly bigint[]): void {
    const fd = PinDirectory.ofInstance(instance).child("maps").open(map) ?? -1;
    const key = Buffer.alloc(4);
    key.writeUInt32LE(slot);
    const value = Buffer.alloc(16 * libbpf().libbpf_num_possible_cpus() + 32);
    words.forEach((word, i) => value.writeBigUInt64LE(word, 8 * i));
    libbpf().bpf_map_update_elem(fd, key, value, 0);
    libc().close(fd);
  }

  test("stay when a list moves to another next hop", () => {
    plane.putList(1n, list(1));
    bump("list_states", 0, [9n, 8n, 7n, 6n]);
    plane.putList(1n, { ...list(1), nextHop: { ifindex: 9, gateway: undefined } });
    const expected = { sent: 9n, returned: 8n, returnedCount: 7n, roundTripNs: 6n, packets: 0n, bytes: 0n };
    expect(plane.observeLists()).toEqual(new Map([[1n, expected]]));
    expect(plane.lists().get(1n)?.nextHop).toEqual({ ifindex: 9, gateway: undefined });
  });

  test("start from zero for a list that takes over the place of a removed one", () => {
    plane.putList(1n, list(1));
    bump("list_states", 0, [9n, 8n, 7n, 6n]);
    bump("list_counters", 0, [5n, 500n]);
    plane.deleteList(1n);
    expect(plane.observeLists()).toEqual(new Map());
    plane.putList(2n, list(2));
    expect(plane.observeLists().get(2n)).toMatchObject({ sent: 0n, returned: 0n, packets: 0n, bytes: 0n });
  });

  test("of policies are summed over CPUs, kept on change and gone with the policy", () => {
    plane.putPolicy(1n, { candidates: [1n], onNoPath: "route" });
    const perCpu = Array.from({ length: libbpf().libbpf_num_possible_cpus() }, () => [2n, 20n]).flat();
    bump("policy_counters", 0, perCpu);
    const cpus = BigInt(perCpu.length / 2);
    plane.putPolicy(1n, { candidates: [2n], onNoPath: "route" });
    expect(plane.policyCounters()).toEqual(new Map([[1n, { packets: 2n * cpus, bytes: 20n * cpus }]]));
    plane.deletePolicy(1n);
    plane.putPolicy(2n, { candidates: [1n], onNoPath: "route" });
    expect(plane.policyCounters()).toEqual(new Map([[2n, { packets: 0n, bytes: 0n }]]));
  });

  test("survive an entry that is deleted by hand and put back", () => {
    plane.putList(1n, list(1));
    bump("list_states", 0, [9n, 8n, 7n, 6n]);
    const fd = PinDirectory.ofInstance(instance).child("maps").open("lists") ?? -1;
    const key = Buffer.alloc(8);
    key.writeBigUInt64LE(1n);
    libbpf().bpf_map_delete_elem(fd, key);
    libc().close(fd);
    expect(plane.lists().size).toBe(0);
    plane.putList(1n, list(1));
    expect(plane.observeLists().get(1n)).toMatchObject({ sent: 9n, returned: 8n });
  });
});

describe("a full map refuses and keeps what it has", () => {
  test("lists", () => {
    for (let i = 0; i < 4096; i++) plane.putList(BigInt(i), list(1));
    expect(codeOf(() => plane.putList(4096n, list(1)))).toBe("map_full");
    plane.putList(0n, list(9));
    expect(plane.lists().get(0n)).toEqual(list(9));
    expect(plane.lists().size).toBe(4096);
    plane.deleteList(5n);
    plane.putList(4096n, list(1));
    expect(plane.lists().size).toBe(4096);
  });

  test("policies", () => {
    for (let i = 0; i < 4096; i++) plane.putPolicy(BigInt(i), { candidates: [], onNoPath: "route" });
    expect(codeOf(() => plane.putPolicy(4096n, { candidates: [], onNoPath: "route" }))).toBe("map_full");
    expect(plane.policies().size).toBe(4096);
  });

  test("destinations", () => {
    const prefix = (i: number) => ipv6Prefix(`2001:db8:${(i + 1).toString(16)}::/48`);
    for (let i = 0; i < 16384; i++) plane.putDestination(prefix(i), [row]);
    expect(codeOf(() => plane.putDestination(prefix(16384), [row]))).toBe("map_full");
    plane.putDestination(prefix(0), [fullRow]);
    expect(plane.destinations().get(prefix(0))).toEqual([fullRow]);
  });

  test("sources", () => {
    const prefix = (i: number) => ipv6Prefix(`2001:db8:${(i + 1).toString(16)}::/48`);
    for (let i = 0; i < 4096; i++) plane.addDomainSource(prefix(i));
    expect(codeOf(() => plane.addDomainSource(prefix(4096)))).toBe("map_full");
    expect(plane.domainSources().size).toBe(4096);
  });

  test("rows of a destination", () => {
    plane.putDestination(ipv6Prefix("::/0"), [row]);
    expect(codeOf(() => plane.putDestination(ipv6Prefix("::/0"), new Array<KernelMatch>(65).fill(row)))).toBe(
      "map_full",
    );
    expect(plane.destinations().get(ipv6Prefix("::/0"))).toEqual([row]);
  });
});

test.each<[string, () => unknown]>([
  ["an empty list", () => plane.putList(1n, { ...list(1), segments: [] })],
  ["a list too long", () => plane.putList(1n, { ...list(1), segments: new Array<Sid>(16).fill(sid(1)) })],
  ["too many candidates", () => plane.putPolicy(1n, { candidates: new Array<bigint>(9).fill(1n), onNoPath: "route" })],
  ["a multiplier of zero", () => plane.setConfig({ nodeSid: sid(1), probeMultiplier: 0, term: 1n })],
  ["an instance that is no name", () => KernelDataPlane.open({ instance: "../maps" })],
])("%s is refused as invalid_argument", (_sentence, action) => {
  expect(codeOf(action)).toBe("invalid_argument");
  expect([plane.lists().size, plane.policies().size, plane.config()]).toEqual([0, 0, undefined]);
});

describe("a second agent", () => {
  test("takes over everything, counters included", () => {
    plane.setConfig({ nodeSid: sid(1), probeMultiplier: 3, term: 9n });
    plane.putList(3n, list(3));
    plane.putList(1n, list(1));
    plane.putPolicy(2n, { candidates: [3n, 1n], onNoPath: "drop" });
    plane.putDestination(ipv6Prefix("2001:db8::/32"), [fullRow, row]);
    plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
    plane.close();
    const second = KernelDataPlane.open({ instance });
    plane = second;
    expect({
      config: second.config(),
      lists: second.lists(),
      policies: second.policies(),
      destinations: second.destinations(),
      sources: second.domainSources(),
    }).toEqual({
      config: { nodeSid: sid(1), probeMultiplier: 3, term: 9n },
      lists: new Map([
        [1n, list(1)],
        [3n, list(3)],
      ]),
      policies: new Map([[2n, { candidates: [3n, 1n], onNoPath: "drop" }]]),
      destinations: new Map([[ipv6Prefix("2001:db8::/32"), [fullRow, row]]]),
      sources: new Set([ipv6Prefix("2001:db8:a::/48")]),
    });
    second.putList(4n, list(4));
    expect([...second.observeLists().keys()].sort()).toEqual([1n, 3n, 4n]);
  });

  test("refuses pinned maps of another layout and leaves them alone", () => {
    plane.putList(1n, list(1));
    const fd = PinDirectory.ofInstance(instance).child("maps").open("host_config") ?? -1;
    const value = Buffer.alloc(32);
    value.writeUInt32LE(99);
    libbpf().bpf_map_update_elem(fd, Buffer.alloc(4), value, 0);
    libc().close(fd);
    expect(codeOf(() => KernelDataPlane.open({ instance }))).toBe("conflict");
    expect(plane.lists().size).toBe(1);
  });

  test("starts anew where an earlier one stopped before it had pinned everything", () => {
    plane.putList(1n, list(1));
    plane.close();
    PinDirectory.ofInstance(instance).child("maps").unpin("host_config");
    plane = KernelDataPlane.open({ instance });
    expect([plane.lists().size, plane.config()]).toEqual([0, undefined]);
  });
});

test("programs that were not built are not_found, and nothing is pinned for them", () => {
  const other = uniqueInstance();
  expect(codeOf(() => KernelDataPlane.open({ instance: other, objectDirectory: "/nonexistent" }))).toBe("not_found");
  expect(PinDirectory.ofInstance(other).child("maps").names()).toEqual([]);
  KernelDataPlane.destroy(other);
});
