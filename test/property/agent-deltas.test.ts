import { type DesiredEntry, type EntryKey, type IpPrefix, ipv6, parseIpPrefix, type Revised } from "@sextant/model";
import fc from "fast-check";
import { HeldHost } from "../../packages/agent/src/testing/held-host";
import { domain, encapList, entries, list, policy } from "../support/desired";

type State = ReadonlyMap<EntryKey, Revised>;
interface Change {
  readonly upserts: readonly Revised[];
  readonly removals: readonly EntryKey[];
}

const LISTS = [list(1), list(2), list(3, 4), encapList([1, 2]), encapList([5], { signingKeyId: 1 })];
const PREFIXES = ["2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:1::/64", "192.0.2.0/24", "::/0"].map(
  (text) => parseIpPrefix(text) as IpPrefix,
);
const DOMAINS = [
  domain(),
  domain("2001:db8:1::/48", "2001:db8:2::/48"),
  { ...domain(), senders: [{ sender: ipv6("2001:db8:c::1"), prefixes: PREFIXES.slice(0, 2) }] },
];

/** A policy of one of four intents, over any of the lists, with any match. */
const policies = fc
  .record({
    intent: fc.constantFrom("a", "b", "c", "d"),
    lists: fc.uniqueArray(fc.constantFrom(...LISTS), { maxLength: 3 }),
    priority: fc.constantFrom(1, 2),
    cgroup: fc.constantFrom(undefined, "x", "x/y"),
    protocol: fc.constantFrom(undefined, 6, 17),
    dscp: fc.constantFrom(undefined, 46),
    user: fc.constantFrom(undefined, "video"),
    dnsNames: fc.constantFrom([], ["cdn.example"]),
    sources: fc.constantFrom([], PREFIXES.slice(1, 4)),
    spread: fc.constantFrom({ kind: "flow" as const }, { kind: "flowlet" as const, gapUs: 500 }),
    multipath: fc.boolean(),
    destinations: fc.uniqueArray(fc.constantFrom(...PREFIXES), { minLength: 1, maxLength: 3 }),
    ports: fc.uniqueArray(fc.constantFrom({ first: 1, last: 9 }, { first: 5, last: 5 }), { maxLength: 2 }),
    onNoPath: fc.constantFrom("route" as const, "drop" as const),
  })
  .map(({ intent, lists, priority, onNoPath, spread, multipath, ...match }) => {
    const one = policy(intent, lists, { priority, onNoPath, spread, match });
    if (!multipath || lists.length === 0) return one;
    const weighted = lists.map(({ key }, index) => ({ list: key, weight: index + 1 }));
    return { ...one, candidates: [{ preference: 1, lists: weighted }] };
  });

/** A desired state: policies, the lists that they use and perhaps others, and the domain. */
const states: fc.Arbitrary<State> = fc
  .tuple(
    fc.uniqueArray(policies, { maxLength: 4, selector: ({ key }) => key }),
    fc.subarray(LISTS),
    fc.constantFrom(...DOMAINS),
  )
  .map(([chosen, extra, theDomain]) => {
    const used = chosen.flatMap(({ candidates }) =>
      LISTS.filter(({ key }) => candidates.some(({ lists }) => lists.some((each) => each.list === key))),
    );
    const all: DesiredEntry[] = [...chosen, ...extra, ...used, theDomain];
    return entries(...all);
  });

function changeBetween(before: State, after: State): Change {
  return {
    upserts: [...after]
      .filter(([key, value]) => before.get(key)?.revision !== value.revision)
      .map(([, value]) => value),
    removals: [...before.keys()].filter((key) => !after.has(key)),
  };
}

/** One change per entry, in the order that `random` gives. */
function split({ upserts, removals }: Change, order: readonly number[]): Change[] {
  const parts: Change[] = [
    ...upserts.map((upsert) => ({ upserts: [upsert], removals: [] })),
    ...removals.map((key) => ({ upserts: [], removals: [key] })),
  ];
  return parts
    .map((part, index) => ({ part, rank: order[index % order.length] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ part }) => part);
}

const reversed = ({ upserts, removals }: Change): Change => ({
  upserts: [...upserts].reverse(),
  removals: [...removals].reverse(),
});

/** The kernel after these changes, one by one, ticks in between as given. */
async function kernelAfter(changes: readonly Change[], ticks: boolean): Promise<unknown> {
  const host = new HeldHost();
  await host.install([], [], true);
  for (const { upserts, removals } of changes) {
    await host.install(upserts, removals);
    if (ticks) await host.tick();
  }
  await host.settle();
  return host.kernel();
}

test("squashed, split, repeated and reversed deltas end in the same kernel state, each step in a sound order", async () => {
  const history = fc.array(states, { minLength: 1, maxLength: 4 });
  const order = fc.array(fc.nat(100), { minLength: 3, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(history, order, fc.boolean(), async (versions, ranks, ticks) => {
      const empty: State = new Map();
      const last = versions.at(-1) ?? empty;
      const steps = versions.map((after, index) => changeBetween(versions[index - 1] ?? empty, after));
      const expected = await kernelAfter([changeBetween(empty, last)], false);
      const ways = [
        steps,
        steps.flatMap((step) => [step, { upserts: [], removals: [] }, step]),
        steps.map(reversed),
        steps.flatMap((step) => split(step, ranks)),
      ];
      for (const way of ways) expect(await kernelAfter(way, ticks)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});
