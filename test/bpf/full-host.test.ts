import { type DesiredEntry, ipv6Prefix, type PolicyKey, policyKey } from "@sextant/model";
import { KERNEL_LIMITS } from "../../packages/agent/src/bpf/kernel-limits";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import type { Entries } from "../../packages/agent/src/reconcile/held-entry";
import { Reconciler } from "../../packages/agent/src/reconcile/reconciler";
import { domain, entries, list, policy } from "../support/desired";
import { memoryEnvironment } from "../support/memory-environment";
import { OBJECTS, uniqueInstance } from "./packet-path-fixture";

// A host at its limit of rules, from desired state to the kernel's maps.

jest.setTimeout(60_000);

/** Of the rules of a policy: as many for each of its ports. */
const RULES_PER_PORT = 16 * 64;
const PORTS = KERNEL_LIMITS.maxRules / 4 / RULES_PER_PORT;
const NAMES = ["p1", "p2", "p3", "p4"];
/** Long enough between two looks for whatever waits. */
const TURN_MS = 1_000;

const a = list(1);
const range = (first: number) => ({ first, last: first });
const sources = Array.from({ length: 64 }, (_, i) => ipv6Prefix(`2001:db8:${(0x100 + i).toString(16)}::/48`));
const sourcePorts = Array.from({ length: 16 }, (_, i) => range(1_000 + i));

/** A policy to a prefix of its own. */
function filler(name: string, ports: number): DesiredEntry {
  const destinations = [ipv6Prefix(`2001:db8:${name}::/48`.replace("p", "f"))];
  return policy(name, [a], {
    match: { destinations, sources, sourcePorts, ports: Array.from({ length: ports }, (_, i) => range(2_000 + i)) },
  });
}

let instance: string;
let plane: KernelDataPlane;
let reconciler: Reconciler;
let installed: Entries;
let nowMs: number;
let nonce: bigint;

beforeEach(() => {
  instance = uniqueInstance();
  plane = KernelDataPlane.open({ instance, objectDirectory: OBJECTS, nowMs: () => nowMs });
  reconciler = new Reconciler(plane);
  [installed, nowMs, nonce] = [new Map(), 0, 0n];
});

afterEach(() => {
  plane.close();
  KernelDataPlane.destroy(instance);
});

/** Reconciles towards these entries, later than the last time, until nothing is written any more. */
function want(...wanted: DesiredEntry[]): (name: string) => string {
  const held = entries(a, domain(), ...wanted);
  for (let turn = 1; ; turn++) {
    nowMs += TURN_MS;
    const { effective, states, written } = reconciler.reconcile({
      ...{ held: { wanted: held, installed }, probeMultiplier: 3, term: 1n, environment: memoryEnvironment() },
      ...{ newNonce: () => ++nonce, nowMs },
    });
    installed = effective;
    const reasonOf = (key: PolicyKey) => `${states.get(key)?.status} ${states.get(key)?.reason}`.trim();
    if (written.length === 0 || turn === 5) return (name) => reasonOf(policyKey(name, "h"));
  }
}

const ruleCounts = () => [...plane.destinations().values()].map(({ rules }) => rules.length).sort((x, y) => x - y);
const full = NAMES.map((name) => filler(name, PORTS));

test("65,536 rules fit; the next policy is refused, and what was there stays", () => {
  const reasonOf = want(...full);
  expect(NAMES.map(reasonOf)).toEqual(["installed", "installed", "installed", "installed"]);
  const before = plane.destinations();
  expect(ruleCounts().reduce((sum, count) => sum + count)).toBe(KERNEL_LIMITS.maxRules);
  expect(want(...full, policy("p5", [a]))("p5")).toBe("rejected map_full");
  expect(plane.destinations()).toEqual(before);
});

test("a policy that grows beyond them is refused and stays as it was, until another one shrinks", () => {
  want(...full);
  const grown = filler("p4", PORTS + 1);
  const most = full.slice(0, 3);
  expect(want(...most, grown)("p4")).toBe("rejected map_full");
  expect(ruleCounts()).toEqual(NAMES.map(() => PORTS * RULES_PER_PORT));
  expect(want(filler("p1", PORTS - 1), ...full.slice(1, 3), grown)("p4")).toBe("installed");
  expect(ruleCounts()).toEqual([PORTS - 1, PORTS, PORTS, PORTS + 1].map((ports) => ports * RULES_PER_PORT));
});

test.each([
  ["p1", "p2"],
  ["p2", "p1"],
])("of two that change places in a full host, %s grows and %s shrinks", (grows, shrinks) => {
  want(...full);
  const reasonOf = want(filler(grows, PORTS + 1), filler(shrinks, PORTS - 1), ...full.slice(2));
  expect(NAMES.map(reasonOf)).toEqual(["installed", "installed", "installed", "installed"]);
});
