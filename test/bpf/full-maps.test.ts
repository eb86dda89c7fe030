import { ipv6 } from "@sextant/model";
import { KERNEL_LIMITS } from "../../packages/agent/src/bpf/kernel-limits";
import { REUSE_GRACE_MS } from "../../packages/agent/src/bpf/index-pool";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { codeOf } from "../support/code-of";
import { destinationOf, listOf, policyOf, ruleOf } from "./map-samples";
import { OBJECTS, uniqueInstance } from "./packet-path-fixture";
import { prefix } from "./steering";

let instance: string;
let now = 0;
let plane: KernelDataPlane;

const open = () => KernelDataPlane.open({ instance, objectDirectory: OBJECTS, nowMs: () => now });
const nth = (n: number) => prefix(`2001:db8:${(n + 1).toString(16)}::/48`);
const rules = (count: number, policy = 1n) => destinationOf(...Array.from({ length: count }, () => ruleOf(policy)));

beforeEach(() => {
  instance = uniqueInstance();
  plane = open();
});

afterEach(() => {
  plane.close();
  KernelDataPlane.destroy(instance);
});

test("lists", () => {
  for (let i = 1; i <= KERNEL_LIMITS.maxLists; i++) plane.putList(BigInt(i), listOf(1));
  expect(codeOf(() => plane.putList(99_999n, listOf(1)))).toBe("map_full");
  expect(plane.lists().size).toBe(KERNEL_LIMITS.maxLists);
  plane.deleteList(5n);
  expect(codeOf(() => plane.putList(99_999n, listOf(1)))).toBe("map_full");
  now += REUSE_GRACE_MS;
  plane.putList(99_999n, listOf(1));
  expect(plane.lists().size).toBe(KERNEL_LIMITS.maxLists);
});

test("next hops: one that nobody names any more gives way", () => {
  const through = (n: number) => ({ ...listOf(n), nextHop: { ifindex: 7, gateway: ipv6(`fe80::${n.toString(16)}`) } });
  for (let i = 1; i <= KERNEL_LIMITS.maxNextHops; i++) plane.putList(BigInt(i), through(i));
  expect(codeOf(() => plane.putList(1n, { ...through(1), nextHop: through(999).nextHop }))).toBe("map_full");
  expect([plane.lists().size, plane.lists().get(1n)]).toEqual([KERNEL_LIMITS.maxNextHops, through(1)]);
  plane.deleteList(2n);
  now += REUSE_GRACE_MS;
  plane.putList(999n, through(999));
  expect(plane.lists().get(999n)).toEqual(through(999));
});

test("policies, with their candidates", () => {
  plane.putList(1n, listOf(1));
  for (let i = 1; i <= KERNEL_LIMITS.maxPolicies; i++) plane.putPolicy(BigInt(i), policyOf(1n, 1n));
  expect(codeOf(() => plane.putPolicy(99_999n, policyOf()))).toBe("map_full");
  expect(codeOf(() => plane.putPolicy(7n, policyOf(1n, 1n, 1n)))).toBe("map_full");
  expect(plane.policies().size).toBe(KERNEL_LIMITS.maxPolicies);
  expect(plane.policies().get(7n)).toEqual(policyOf(1n, 1n));
});

test("groups: all can be replaced at once, and those of a restarted agent are counted", () => {
  for (const list of [1n, 2n]) plane.putList(list, listOf(Number(list)));
  const spread = (weight: number) => ({
    ...policyOf(),
    candidates: [{ lists: [1n, 2n].map((list) => ({ list, weight: list === 1n ? 1 : weight })) }],
  });
  for (let i = 1; i <= KERNEL_LIMITS.maxGroups; i++) plane.putPolicy(BigInt(i), spread(2));
  for (let i = 1; i <= KERNEL_LIMITS.maxGroups; i++) plane.putPolicy(BigInt(i), spread(3));
  plane.close();
  plane = open();
  plane.putPolicy(99_999n, policyOf(1n));
  expect(codeOf(() => plane.putPolicy(99_999n, spread(2)))).toBe("map_full");
  expect([plane.policies().get(99_999n), plane.policies().get(7n)]).toEqual([policyOf(1n), spread(3)]);
});

describe("65,536 rules", () => {
  const [prefixes, each] = [1024, 64];

  beforeEach(() => {
    for (const policy of [1n, 2n]) plane.putPolicy(policy, policyOf());
    for (let i = 0; i < prefixes; i++) plane.putDestination(nth(i), rules(each));
  });

  test("are all there can be: one more is refused, and what was there stays", () => {
    expect(codeOf(() => plane.putDestination(nth(prefixes), rules(1)))).toBe("map_full");
    expect(codeOf(() => plane.putDestination(nth(0), rules(each + 1, 2n)))).toBe("map_full");
    expect([plane.destinations().size, plane.destinations().get(nth(0))]).toEqual([prefixes, rules(each)]);
  });

  test("can all be replaced at once, and again after the grace period", () => {
    for (let i = 0; i < prefixes; i++) plane.putDestination(nth(i), rules(each, 2n));
    expect(codeOf(() => plane.putDestination(nth(0), rules(each)))).toBe("map_full");
    now += REUSE_GRACE_MS;
    for (let i = 0; i < prefixes; i++) plane.putDestination(nth(i), rules(each));
    expect(plane.destinations().get(nth(9))).toEqual(rules(each));
  });

  test("are taken over by the next agent in no time, and it counts them", () => {
    plane.close();
    const startedMs = performance.now();
    plane = open();
    const found = plane.destinations();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect([found.size, found.get(nth(7))]).toEqual([prefixes, rules(each)]);
    expect(codeOf(() => plane.putDestination(nth(prefixes), rules(1)))).toBe("map_full");
  });

  test("follow their policy to another index", () => {
    plane.putPolicy(1n, { ...policyOf(), onNoPath: "drop" });
    expect(plane.destinations().get(nth(prefixes - 1))).toEqual(rules(each));
  });
});

test("10,000 destinations are written within seconds", () => {
  plane.putPolicy(1n, policyOf());
  const startedMs = performance.now();
  for (let i = 0; i < 10_000; i++) plane.putDestination(nth(i), rules(1));
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(plane.destinations().size).toBe(10_000);
});
