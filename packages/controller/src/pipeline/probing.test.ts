import { directedLinkKey, type Intent, type ListKey } from "@sextant/model";
import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { planIntent } from "./plan";
import { probingEntry } from "./probing";

const snapshot = createSnapshot(network("h1: a\nh2: c\na-b name=ab\nb-c name=bc\na-c name=ac igp=50 delayUs=9000"), 1);
const policiesOf = (...intents: Intent[]) =>
  intents.flatMap((intent) => planIntent(intent, snapshot).policies.map(({ entries }) => ({ entries, intent })));

function listsOf(intents: Intent[], verified: ReadonlySet<ListKey> = new Set()) {
  const parts = { graph: snapshot.flat, retained: [], verified, hostIntervalUs: 100_000 };
  const entry = probingEntry({ ...parts, policies: policiesOf(...intents) })?.entry;
  return entry?.kind === "probing" ? entry.lists : [];
}

test("a host without lists is told nothing", () => {
  expect(
    probingEntry({ graph: snapshot.flat, policies: [], retained: [], verified: new Set(), hostIntervalUs: 1 }),
  ).toBe(undefined);
});

test("links are those of the way out, each in its direction", () => {
  const [list] = listsOf([intentOf()]);
  const links = [
    ["h1-a", "h1"],
    ["ab", "a"],
    ["bc", "b"],
    ["h2-c", "c"],
  ] as const;
  expect(list?.links).toEqual(links.map(([link, from]) => directedLinkKey(link, from)));
});

test.each([
  ["nothing asked: the host's rate", [{}], { intervalUs: 0, multiplier: 0, maxDelayUs: undefined, violationMs: 1_000 }],
  [
    "of several intents on one list, the strictest of each",
    [
      { liveness: { probeIntervalMs: 20, maxLossPercent: 2, violationMs: 500 } },
      { liveness: { probeIntervalMs: 3.3, multiplier: 4, maxLossPercent: 0.5 }, constraints: { maxDelayMs: 12.5 } },
    ],
    { intervalUs: 3_300, multiplier: 4, maxDelayUs: 12_500, maxLossPpm: 5_000, violationMs: 500 },
  ],
  [
    "asked more slowly than the host probes: the host's rate",
    [{ liveness: { probeIntervalMs: 500 } }],
    { intervalUs: 0 },
  ],
])("%s", (_what, specs, expected) => {
  expect(listsOf(specs.map((spec, i) => intentOf(spec, `i${i}`)))[0]).toMatchObject(expected);
});

test("a list that is only verified is probed once a second, or as often as is asked for", () => {
  const keys = (intents: Intent[]) => new Set(listsOf(intents).map(({ list }) => list));
  const plain = [intentOf()];
  expect(listsOf(plain, keys(plain))[0]?.intervalUs).toBe(1_000_000);
  const asking = [intentOf({ liveness: { probeIntervalMs: 500 } })];
  expect(listsOf(asking, keys(asking))[0]?.intervalUs).toBe(500_000);
});

test("equal content has an equal revision, another rate has another", () => {
  const revision = (spec: Record<string, unknown>) =>
    probingEntry({
      ...{ graph: snapshot.flat, retained: [], verified: new Set<ListKey>(), hostIntervalUs: 100_000 },
      policies: policiesOf(intentOf(spec)),
    })?.revision;
  expect(revision({})).toBe(revision({}));
  expect(revision({ liveness: { probeIntervalMs: 10 } })).not.toBe(revision({}));
});
