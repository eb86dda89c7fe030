import { intentOf } from "../../../../test/support/intent";
import { topologyOf } from "../../../../test/support/network";
import type { ListEntry } from "../pipeline/entries";
import { planIntent } from "../pipeline/plan";
import { directedLinkOf } from "../topology/directed-link";
import { createSnapshot } from "../topology/snapshot";
import { Observers } from "./observers";
import type { WatchedList } from "./watched-lists";

/*
 *            north            igp 10 + 10, 9 ms + 9 ms
 *           /      \
 *     h1 - west - middle - east - h2      20 + 20, 1 ms + 1 ms
 */
const NODES = [
  ...["west", "north", "middle", "east"].map((name, i) => ({ name, nodeId: i + 1 })),
  ...["h1", "h2"].map((name, i) => ({
    ...{ name, kind: "host", nodeId: 0x101 + i, addresses: [`2001:db8::${i + 1}`] },
    attachedTo: i === 0 ? "west" : "east",
  })),
];
const way = (via: string, igp: number, delayUs: number) => [
  { a: "west", b: via, igp, delayUs },
  { a: via, b: "east", igp, delayUs },
];
const FAST = { name: "fast", id: 128, locatorBlock: "fcbb:cc00::/32", metric: "delay" };
const on = (northIgp: number, version: number) =>
  createSnapshot(
    topologyOf(NODES, [...way("north", northIgp, 9_000), ...way("middle", 20, 1_000)], { algorithms: [FAST] }),
    version,
  );

const ALGORITHM = { constraints: { algorithm: "fast" } };

test.each<[string, Record<string, unknown>]>([
  ["inserted", { mode: "insert" }],
  ["in an outer header", { mode: "encap" }],
  ["in carriers", { mode: "usid" }],
  ["pinned", { mode: "encap", pin: "strict" }],
  ["pinned, in carriers", { mode: "usid", pin: "strict" }],
  ["of an algorithm, inserted", { mode: "insert", ...ALGORITHM }],
  ["of an algorithm, in an outer header", { mode: "encap", ...ALGORITHM }],
  ["of an algorithm, in carriers", { mode: "usid", ...ALGORITHM }],
])("a list that is kept for a broken link follows another topology as it was encoded: %s", (_, spec) => {
  const [before, after] = [on(10, 1), on(25, 2)];
  const entryOn = (snapshot: typeof before) =>
    planIntent(intentOf(spec), snapshot).policies[0]?.entries.lists[0] as ListEntry;
  const retained = new Map<string, readonly ListEntry[]>();
  const observers = new Observers((host, lists) => retained.set(host, lists));
  const entry = entryOn(before);
  const list: WatchedList = { host: "h1", key: entry.entry.key, entry, loops: [], waySinceMs: 0, report: undefined };
  const link = directedLinkOf(before.flat, entry.loops.out[1] ?? -1);
  observers.watch(
    link,
    before.flat,
    [{ list, back: 0, edges: entry.loops.out, deadReturnSinceMs: undefined }],
    () => 1,
  );
  observers.follow(after);
  expect(retained.get("h1")).toEqual([entryOn(after)]);
});
