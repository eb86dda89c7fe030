import type { DesiredState, EntryKey, Revised } from "@sextant/model";
import { policy as entryOf } from "../../../../test/support/desired";
import { type HeldEntry, SessionState } from "./session-state";

const policy = (name: string, revision: string, generation = 1): Revised => {
  return { revision, entry: entryOf(name, [], { endpoint: "x", generation }) };
};
const state = (...all: Revised[]): DesiredState => new Map(all.map((revised) => [revised.entry.key, revised]));
const held = (...pairs: [string, string][]) =>
  new Map<string, HeldEntry>(
    pairs.map(([key, revision]) => [key, { revision, status: "installed", reason: "", message: "" }]),
  );
const rejected = (key: string, revision: string) => ({
  key,
  revision,
  status: "rejected" as const,
  reason: "map_full",
  message: "",
});

test("one delta at a time: what changes meanwhile is one more", () => {
  const session = new SessionState(held(), false);
  expect(session.next(state(policy("a", "1")))?.version).toBe(1);
  expect(session.next(state(policy("a", "2")))).toBeUndefined();
  expect(session.next(state(policy("a", "3"), policy("b", "1")))).toBeUndefined();
  expect(session.acknowledge({ version: 1, entries: [] })).toBeUndefined();
  const delta = session.next(state(policy("a", "4"), policy("b", "1")));
  expect(delta?.upserts.map(({ revision }) => revision)).toEqual(["4", "1"]);
});

test("a change that is undone before the ack is never sent", () => {
  const session = new SessionState(held(), false);
  session.next(state(policy("a", "1")));
  session.next(state(policy("a", "2")));
  session.acknowledge({ version: 1, entries: [] });
  expect(session.next(state(policy("a", "1")))).toBeUndefined();
});

test("what was refused is not sent again, until it changes", () => {
  const session = new SessionState(held(), false);
  session.next(state(policy("a", "1")));
  session.acknowledge({ version: 1, entries: [rejected("policy/a/x", "1")] });
  expect(session.next(state(policy("a", "1")))).toBeUndefined();
  expect(session.held.get("policy/a/x")).toMatchObject({ status: "rejected", reason: "map_full" });
  expect(session.next(state(policy("a", "2")))?.version).toBe(2);
});

test("the generation in the kernel is the last one that was installed", () => {
  const session = new SessionState(held(), false);
  const key = "policy/a/x";
  session.next(state(policy("a", "1", 1)));
  session.acknowledge({ version: 1, entries: [] });
  session.next(state(policy("a", "2", 2)));
  session.acknowledge({ version: 2, entries: [rejected(key, "2")] });
  expect(session.held.get(key)).toMatchObject({ status: "rejected", generation: 2, installedGeneration: 1 });
  session.acknowledge({ version: 2, entries: [{ ...rejected(key, "2"), status: "installed" }] });
  expect(session.held.get(key)?.installedGeneration).toBe(2);
});

test("acks about other revisions or unknown keys are counted and change nothing", () => {
  const session = new SessionState(held(["policy/a/x", "1"]), false);
  session.acknowledge({ version: 0, entries: [rejected("policy/a/x", "0"), rejected("policy/b/x", "1")] });
  expect(session.ignoredEntries).toBe(2);
  expect(session.held.get("policy/a/x")?.status).toBe("installed");
});

test("an ack of an older version says nothing about the one under way", () => {
  const session = new SessionState(held(["policy/a/x", "1"]), false);
  session.next(state(policy("a", "2")));
  expect(session.acknowledge({ version: 0, entries: [] })).toBeUndefined();
  expect([session.sentVersion, session.ackedVersion]).toEqual([1, 0]);
  expect(session.next(state(policy("a", "3")))).toBeUndefined();
});

test("an ack of a version that was never sent is a fault", () => {
  expect(new SessionState(held(), false).acknowledge({ version: 1, entries: [] })).toContain("version 1");
});

test("a resync sends everything once, even nothing, and forgets what the host said it held", () => {
  const session = new SessionState(held(["policy/a/x", "1"], ["policy/b/x", "1"]), true);
  expect(session.next(state(policy("a", "1")))).toMatchObject({
    full: true,
    removals: [],
    upserts: [{ revision: "1" }],
  });
  session.acknowledge({ version: 1, entries: [] });
  expect([...session.held.keys()]).toEqual(["policy/a/x"]);
  expect(session.next(state(policy("a", "1")))).toBeUndefined();
  expect(new SessionState(held(), true).next(state())).toMatchObject({ full: true, upserts: [] });
});

test("what is held back stays as the host has it, with every list that it may use", () => {
  const session = new SessionState(
    held(["policy/a/x", "1"], ["list/0000000000000001", "1"], ["policy/c/x", "1"]),
    false,
  );
  const desired = state(policy("a", "2"), policy("b", "1"));
  const first = session.next(desired, (key) => key === "policy/a/x");
  expect([first?.upserts.map(({ entry }) => entry.key), first?.removals]).toEqual([["policy/b/x"], ["policy/c/x"]]);
  session.acknowledge({ version: 1, entries: [] });
  expect(session.next(desired, () => true)).toBeUndefined();
  const second = session.next(desired);
  expect([second?.upserts.map(({ entry }) => entry.key), second?.removals]).toEqual([
    ["policy/a/x"],
    ["list/0000000000000001"],
  ]);
  expect(session.hasAnswered("policy/a/x" as EntryKey, "1")).toBe(false);
  session.acknowledge({ version: 2, entries: [] });
  expect(session.hasAnswered("policy/a/x" as EntryKey, "2")).toBe(true);
});
