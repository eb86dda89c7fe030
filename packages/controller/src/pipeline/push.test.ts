import type { DesiredState, EntryKey, Intent, Revised, Sid, Topology, TopologyNode as Node } from "@sextant/model";
import { listOf } from "../../../../test/support/desired";
import { EMPTY_CATALOG } from "./catalog";
import { accept } from "./accept";
import { planIntent } from "./plan";
import { policyEntries } from "./entries";
import { type Change, desiredFor, diff, domainOf, firstChanges } from "./push";
import { createSnapshot } from "../topology/snapshot";
import { DIAMOND, intentYaml } from "../testing/documents";

const accepted = accept(
  [{ name: "f", content: `${DIAMOND}---\n${intentYaml("web", ["protection: {backups: 1}"])}` }],
  EMPTY_CATALOG,
);
if ("issues" in accepted) throw new Error(JSON.stringify(accepted.issues));
const intent = accepted.catalog.intents.get("web")?.value as Intent;
const topology = accepted.catalog.topology?.value as Topology;
const snapshot = createSnapshot(topology, 1);
const [planned] = planIntent(intent, snapshot).policies;
if (planned === undefined) throw new Error("no policy");
const { entries } = planned;

describe("a policy's entries", () => {
  test("match all that belongs to the endpoint, and name their lists by content", () => {
    expect(entries.policy.entry).toMatchObject({
      key: "policy/web/bob",
      generation: 1,
      match: {
        destinations: ["2001:db9:b::1/128", "2001:db9:bb::/48"],
        cgroup: undefined,
        protocol: undefined,
        ports: [],
      },
    });
    const used = entries.policy.entry.candidates.flatMap(({ lists }) => lists.map(({ list }) => list));
    expect(used).toEqual(entries.lists.map(({ entry }) => entry.key));
    for (const { revision, entry } of entries.lists) expect(entry.key).toBe(`list/${revision}`);
  });

  test("equal inputs give equal revisions, and any change another one", () => {
    const again = planIntent(structuredClone(intent), createSnapshot(structuredClone(topology), 2)).policies[0]
      ?.entries;
    expect([again?.policy, again?.lists]).toEqual([entries.policy, entries.lists]);
    const revision = (changed: Partial<Intent>) =>
      planIntent({ ...intent, ...changed }, snapshot).policies[0]?.entries.policy.revision;
    const revisions = [{}, { generation: 2 }, { priority: 7 }, { onNoPath: "drop" as const }].map(revision);
    expect(new Set(revisions).size).toBe(4);
    expect(revisions[0]).toBe(entries.policy.revision);
  });

  test("are put together once, whoever asks how often", () => {
    const { policy, lists } = entries;
    expect(entries.policy).toBe(policy);
    expect(entries.lists).toBe(lists);
    expect([entries.key, entries.intent]).toEqual([policy.entry.key, policy.entry.intent]);
  });

  test.each(["route", "drop"] as const)("without a path the policy is pushed with no candidates (%s)", (onNoPath) => {
    const hopeless = { ...intent, onNoPath, constraints: { ...intent.constraints, maxHops: 1 } };
    const { policy, lists } = planIntent(hopeless, snapshot).policies[0]?.entries ?? entries;
    expect(policy.entry).toMatchObject({ candidates: [], onNoPath });
    expect(lists).toEqual([]);
  });
});

describe("desired state", () => {
  test("every host knows the domain: all that hosts own, the locators, and itself", () => {
    const desired = desiredFor(snapshot.nodes.get("bob"), domainOf(topology), { policies: [] });
    expect([...desired.keys()]).toEqual(["domain"]);
    expect(desired.get("domain")?.entry).toEqual({
      kind: "domain",
      key: "domain",
      sources: ["2001:db8::/32", "2001:db9:a::1/128", "2001:db9:b::1/128", "2001:db9:bb::/48"],
      nodeSid: snapshot.nodes.get("bob")?.sid,
      decapsulationSid: snapshot.nodes.get("bob")?.decapsulationSid,
      addresses: ["2001:db9:b::1"],
      senders: [],
    });
  });

  test("a far end knows who sends it outer headers, and what may be inside; the order of senders does not matter", () => {
    const [alice, bob] = ["alice", "bob"].flatMap((name) => snapshot.nodes.get(name) ?? []) as [Node, Node];
    const domains = [
      [alice, bob],
      [bob, alice],
    ].map((senders) => desiredFor(bob, domainOf(topology), { policies: [], senders }));
    expect(domains[0]?.get("domain")?.entry).toMatchObject({
      senders: [
        { sender: "2001:db9:a::1", prefixes: ["2001:db9:a::1/128"] },
        { sender: "2001:db9:b::1", prefixes: ["2001:db9:b::1/128", "2001:db9:bb::/48"] },
      ],
    });
    expect(domains[1]).toEqual(domains[0]);
    expect(domains[0]?.get("domain")?.revision).not.toBe(
      desiredFor(bob, domainOf(topology), { policies: [] }).get("domain")?.revision,
    );
  });

  test("a host that the topology does not know is to hold nothing", () => {
    expect(desiredFor(undefined, domainOf(topology), { policies: [entries] }).size).toBe(0);
  });

  test("two policies over one list need it once", () => {
    const other = policyEntries(intent, {
      pair: { ...planned.computed, endpoint: "x" },
      match: entries.policy.entry.match,
      candidates: planned.candidates,
    });
    const desired = desiredFor(snapshot.nodes.get("alice"), domainOf(topology), { policies: [entries, other] });
    expect([...desired.keys()].filter((key) => key.startsWith("list/"))).toHaveLength(2);
  });
});

describe("the difference", () => {
  const list = (key: string): Revised => {
    return { revision: key, entry: { ...listOf(["2001:db8:1::" as Sid]), key: `list/${key}` as never } };
  };
  const policy = (key: string, revision: string): Revised => {
    return { revision, entry: { ...entries.policy.entry, key: `policy/${key}` as never } };
  };
  const state = (...all: Revised[]): DesiredState => new Map(all.map((revised) => [revised.entry.key, revised]));
  const held = (...pairs: [string, string][]) => new Map(pairs.map(([key, revision]) => [key, { revision }]));
  const text = (changes: readonly Change[]) =>
    changes.map((change) => (change.kind === "upsert" ? `+${change.revised.entry.key}` : `-${change.key}`));

  test.each<[string, DesiredState, ReadonlyMap<string, { revision: string }>, string[]]>([
    ["nothing held", state(policy("a/x", "1"), list("1"), list("2")), held(), ["+list/1", "+list/2", "+policy/a/x"]],
    ["all held", state(policy("a/x", "1"), list("1")), held(["policy/a/x", "1"], ["list/1", "1"]), []],
    ["an older revision", state(policy("a/x", "2")), held(["policy/a/x", "1"]), ["+policy/a/x"]],
    [
      "a list replaced",
      state(policy("a/x", "2"), list("2")),
      held(["policy/a/x", "1"], ["list/1", "1"]),
      ["+list/2", "+policy/a/x", "-list/1"],
    ],
    [
      "nothing desired",
      state(),
      held(["list/1", "1"], ["domain", "d"], ["policy/a/x", "1"], ["policy/a/w", "1"]),
      ["-policy/a/w", "-policy/a/x", "-domain", "-list/1"],
    ],
  ])("%s", (_what, desired, holds, expected) => {
    expect(text(diff(desired, holds))).toEqual(expected);
  });

  test("does not depend on the order in which things came", () => {
    const all = [policy("a/x", "1"), policy("b/x", "1"), list("1"), list("2")];
    expect(diff(state(...[...all].reverse()), held())).toEqual(diff(state(...all), held()));
  });

  test("is cut into deltas of bounded size that never point at what is missing", () => {
    const many = Array.from({ length: 50 }, (_, i) => [list(String(i)), policy(`p${i}/x`, "1")]).flat();
    const desired = state(...many);
    const holds = held();
    const rounds: number[] = [];
    for (let changes = diff(desired, holds); changes.length > 0; changes = diff(desired, holds)) {
      const first = firstChanges(changes, 1_000);
      rounds.push(first.length);
      for (const change of first) {
        if (change.kind === "upsert") holds.set(change.revised.entry.key, { revision: change.revised.revision });
      }
    }
    expect(rounds.reduce((sum, count) => sum + count)).toBe(100);
    expect(Math.max(...rounds)).toBeLessThan(20);
    expect(firstChanges(diff(desired, held()), 1)).toHaveLength(1);
  });

  test("keys are unique in a desired state", () => {
    const keys: EntryKey[] = [
      ...desiredFor(snapshot.nodes.get("alice"), domainOf(topology), { policies: [entries] }).keys(),
    ];
    expect(keys.slice(-1)).toEqual(["policy/web/bob"]);
  });
});
