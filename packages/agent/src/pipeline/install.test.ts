import { entries, list, policy, revised } from "../../../../test/support/desired";
import type { EntryState } from "../reconcile/held-entry";
import { changedStates, type DesiredDelta, install, statesToReport } from "./install";

const a = list(1);
const b = list(2);
const video = policy("video", [a]);
const delta = (change: Partial<DesiredDelta>): DesiredDelta => ({
  version: 1n,
  upserts: [],
  removals: [],
  full: false,
  malformed: [],
  ...change,
});
const state = (status: EntryState["status"], revision = "1"): EntryState => ({
  key: a.key,
  revision,
  status,
  reason: status === "installed" ? "" : "no_route",
  message: "",
});

describe("install", () => {
  test("upserts replace, removals remove, the rest stays", () => {
    const changed = policy("video", [b]);
    const { wanted } = install(entries(a, video), delta({ upserts: [b, changed].map(revised), removals: [a.key] }), 10);
    expect(wanted).toEqual(entries(changed, b));
  });

  test("a full delta is everything", () => {
    expect(install(entries(a, video), delta({ upserts: [revised(b)], full: true }), 10).wanted).toEqual(entries(b));
  });

  test("an entry both removed and given is there", () => {
    expect(install(entries(a), delta({ upserts: [revised(a)], removals: [a.key] }), 10).wanted).toEqual(entries(a));
  });

  test("a malformed entry is refused and its key keeps what it had, in a full delta too", () => {
    const refused: EntryState = {
      key: a.key,
      revision: "x",
      status: "rejected",
      reason: "invalid_entry",
      message: "m",
    };
    const { wanted, rejected } = install(entries(a, b), delta({ full: true, malformed: [refused] }), 10);
    expect(wanted).toEqual(entries(a));
    expect(rejected).toEqual([refused]);
  });

  test("entries beyond the bound are refused, known ones still change", () => {
    const changed = policy("video", [b]);
    const { wanted, rejected } = install(entries(a, video), delta({ upserts: [b, changed].map(revised) }), 2);
    expect(wanted).toEqual(entries(a, changed));
    expect(rejected).toMatchObject([{ key: b.key, status: "rejected", reason: "map_full" }]);
  });
});

describe("what an acknowledgement names", () => {
  const at = (value?: EntryState) => new Map(value === undefined ? [] : [[a.key, value]]);
  test.each([
    ["newly installed", undefined, state("installed"), 0, 1],
    ["waiting", undefined, state("waiting"), 1, 1],
    ["still waiting", state("waiting"), state("waiting"), 1, 0],
    ["no longer waiting", state("waiting"), state("installed"), 1, 1],
    ["still installed", state("installed"), state("installed"), 0, 0],
    ["another revision installed", state("installed"), state("installed", "2"), 0, 1],
  ])("%s", (_, before, now, named, changed) => {
    expect(statesToReport(at(before), at(now))).toHaveLength(named);
    expect(changedStates(at(before), at(now))).toHaveLength(changed);
  });
});
