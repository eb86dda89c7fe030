import { type DesiredState, policyKey } from "@sextant/model";
import fc from "fast-check";
import { accept } from "../../packages/controller/src/pipeline/accept";
import { type Catalog, EMPTY_CATALOG, loadCatalog } from "../../packages/controller/src/pipeline/catalog";
import { withdraw } from "../../packages/controller/src/pipeline/withdraw";
import {
  type LackingFeatures,
  lackingOf,
  NOTHING_LACKING,
  withLacking,
} from "../../packages/controller/src/pipeline/features";
import { Plans } from "../../packages/controller/src/runtime/plans";
import { SessionState } from "../../packages/controller/src/runtime/session-state";
import { DIAMOND, intentYaml } from "../../packages/controller/src/testing/documents";

/**
 * What may happen to a controller: the network changes, intents come, change and go, agents come and say what they can do.
 * Refused changes change nothing.
 */
type Event =
  | { readonly kind: "topology"; readonly fastDelayUs: number; readonly fastUp: boolean }
  | {
      readonly kind: "intent";
      readonly name: string;
      readonly minimize: string;
      readonly backups: number;
      readonly priority: number;
      readonly pair: (typeof PAIRS)[number];
      readonly extra: readonly string[];
    }
  | { readonly kind: "agent"; readonly host: string; readonly features: readonly string[] }
  | { readonly kind: "delete"; readonly name: string };

const NAMES = ["a", "b", "c", "d"];
const HOSTS = ["alice", "bob"];
/** From, to: policies of the same intent on other hosts, for other endpoints, or several at once. */
const PAIRS = [
  ["{hosts: [alice]}", "{hosts: [bob]}"],
  ["{hosts: [bob]}", "{hosts: [alice]}"],
  ["{hosts: [alice, bob]}", "{hosts: [alice, bob], prefixes: ['2001:db9:bb:1::/64']}"],
] as const;

/** Fields that make other headers, other policies, or policies on other hosts. */
const EXTRAS = ["mode: encap", "bidirectional: true", "multipath: {paths: 3, weights: capacity, spread: packet}"];

const topologyEvent = fc.record({
  kind: fc.constant("topology" as const),
  fastDelayUs: fc.constantFrom(100, 1_000, 9_000),
  fastUp: fc.boolean(),
});
const intentEvent = fc.record({
  kind: fc.constant("intent" as const),
  name: fc.constantFrom(...NAMES),
  minimize: fc.constantFrom("delay", "igp", "hops"),
  backups: fc.integer({ min: 0, max: 2 }),
  priority: fc.integer({ min: 1, max: 3 }),
  pair: fc.constantFrom(...PAIRS),
  extra: fc.subarray(EXTRAS),
});
const agentEvent = fc.record({
  kind: fc.constant("agent" as const),
  host: fc.constantFrom(...HOSTS),
  features: fc.subarray(["insert", "encap", "ipv4"]),
});
const deleteEvent = fc.record({ kind: fc.constant("delete" as const), name: fc.constantFrom(...NAMES) });
const events = fc.array(fc.oneof(topologyEvent, { arbitrary: intentEvent, weight: 3 }, deleteEvent, agentEvent), {
  maxLength: 14,
});

type DocumentEvent = Extract<Event, { kind: "intent" | "topology" }>;

/** All that a controller's plans follow from. */
interface Situation {
  readonly catalog: Catalog;
  readonly lacking: LackingFeatures;
}

function textOf(event: DocumentEvent): string {
  if (event.kind === "intent") {
    const { name, minimize, backups, priority, pair, extra } = event;
    return intentYaml(name, [
      `from: ${pair[0]}`,
      `to: ${pair[1]}`,
      `objective: {minimize: ${minimize}}`,
      `protection: {backups: ${backups}}`,
      `priority: ${priority}`,
      ...extra,
    ]);
  }
  const fast = `{a: s, b: e, igp: 15, delayUs: ${event.fastDelayUs}, state: ${event.fastUp ? "up" : "down"}}`;
  return DIAMOND.replace("{a: s, b: e, igp: 15, delayUs: 1000}", fast);
}

function after({ catalog, lacking }: Situation, event: Event): Situation {
  switch (event.kind) {
    case "agent":
      return { catalog, lacking: withLacking(lacking, event.host, lackingOf(event.features)) };
    case "delete": {
      const result = withdraw([{ kind: "Intent", name: event.name }], catalog);
      return { catalog: "refused" in result ? catalog : result.catalog, lacking };
    }
    case "intent":
    case "topology": {
      const result = accept([{ name: "f", content: textOf(event) }], catalog);
      return { catalog: "issues" in result ? catalog : result.catalog, lacking };
    }
  }
}

const nothing: Situation = { catalog: EMPTY_CATALOG, lacking: NOTHING_LACKING };
const start = after(nothing, { kind: "topology", fastDelayUs: 1_000, fastUp: true });
const statesOf = (plans: Plans): DesiredState[] => HOSTS.map((host) => plans.desiredOf(host));

/** The desired states that a controller would have that knew nothing but this. */
function afresh({ catalog, lacking }: Situation): DesiredState[] {
  const plans = new Plans();
  plans.refresh({ catalog, lacking });
  return statesOf(plans);
}

/** Desired states without what counts the number of changes. */
function withoutGenerations(states: readonly DesiredState[]): unknown {
  return states.map((state) =>
    [...state.values()]
      .map(({ entry }) => (entry.kind === "policy" ? { ...entry, generation: 0 } : entry))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
  );
}

describe("level, not edge", () => {
  test("desired state follows from the last situation, however many lay between and whenever it was computed", () => {
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.boolean()), (all, pauses) => {
        const stepwise = new Plans();
        const squashed = new Plans();
        const now = [...all].reduce((situation, event) => {
          const next = after(situation, event);
          stepwise.refresh(next);
          // Looking must not change anything either: desired states are kept while they hold.
          statesOf(stepwise);
          if (pauses.next().value === true) squashed.refresh(next);
          return next;
        }, start);
        for (const plans of [stepwise, squashed]) plans.refresh(now);
        const expected = afresh(now);
        expect(statesOf(stepwise)).toEqual(expected);
        expect(statesOf(squashed)).toEqual(expected);
        const records = [now.catalog.topology, ...now.catalog.intents.values()].flatMap((entry) => entry?.record ?? []);
        expect(afresh({ ...now, catalog: loadCatalog(records, "store") })).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test("events about different documents may come in any order, one by one or as one apply", () => {
    const distinct = fc.tuple(topologyEvent, fc.uniqueArray(intentEvent, { selector: ({ name }) => name }));
    fc.assert(
      fc.property(distinct, ([topology, intents]) => {
        const all: DocumentEvent[] = [topology, ...intents];
        const forwards = afresh(all.reduce(after, start));
        const backwards = afresh([...all].reverse().reduce(after, start));
        const split = afresh([...all, ...all].reduce(after, start));
        const content = all.map(textOf).join("---\n");
        const together = accept([{ name: "f", content }], start.catalog);
        expect(backwards).toEqual(forwards);
        expect(split).toEqual(forwards);
        expect("catalog" in together && afresh({ ...start, catalog: together.catalog })).toEqual(forwards);
      }),
      { numRuns: 40 },
    );
  });

  test("what came and went leaves nothing behind", () => {
    fc.assert(
      fc.property(events, (all) => {
        const gone = [
          ...all,
          ...NAMES.map((name): Event => ({ kind: "delete", name })),
          all.findLast(({ kind }) => kind === "topology"),
        ];
        const end = gone.flatMap((event) => event ?? []).reduce(after, start);
        const never = all.filter(({ kind }) => kind === "topology" || kind === "agent").reduce(after, start);
        expect(withoutGenerations(afresh(end))).toEqual(withoutGenerations(afresh(never)));
      }),
      { numRuns: 40 },
    );
  });
});

describe("a session", () => {
  /** Between two events an agent may be slow, answer, or come back with what it holds. */
  const agentActs = fc.constantFrom("wait" as const, "ack" as const, "reconnect" as const);

  test("brings any agent to the desired state, and never points at a list that is not there", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.option(fc.oneof(topologyEvent, intentEvent, deleteEvent, agentEvent)), agentActs)),
        (steps) => {
          const plans = new Plans();
          const holds = new Map<string, { revision: string; uses: readonly string[] }>();
          const connect = () => {
            const held = [...holds].map(
              ([key, { revision }]) =>
                [key, { revision, status: "installed" as const, reason: "", message: "" }] as const,
            );
            return new SessionState(new Map(held), false);
          };
          let session = connect();
          let situation = start;
          const push = () => {
            const delta = session.next(plans.desiredOf("alice"));
            for (const { revision, entry } of delta?.upserts ?? []) {
              const uses =
                entry.kind === "policy" ? entry.candidates.flatMap(({ lists }) => lists.map(({ list }) => list)) : [];
              holds.set(entry.key, { revision, uses });
            }
            for (const key of delta?.removals ?? []) holds.delete(key);
            return delta;
          };
          const consistent = () => [...holds.values()].every(({ uses }) => uses.every((list) => holds.has(list)));
          const ack = () => session.acknowledge({ version: session.sentVersion, entries: [] });

          for (const [event, act] of steps) {
            if (event !== null) situation = after(situation, event);
            plans.refresh(situation);
            push();
            expect(consistent()).toBe(true);
            if (act === "ack") ack();
            if (act === "reconnect") session = connect();
          }
          ack();
          while (push() !== undefined) ack();
          const desired = plans.desiredOf("alice");
          expect([...holds.keys()].sort()).toEqual([...desired.keys()].sort());
          expect([...desired].every(([key, { revision }]) => holds.get(key)?.revision === revision)).toBe(true);
          expect(consistent()).toBe(true);
        },
      ),
      { numRuns: 80 },
    );
  });

  test("policies are named after intent and endpoint, so that the same pair is the same entry", () => {
    const plans = new Plans();
    const intent = { name: "a", minimize: "igp", backups: 0, priority: 1, pair: PAIRS[0], extra: [] };
    plans.refresh({ catalog: after(start, { kind: "intent", ...intent }).catalog });
    expect([...plans.desiredOf("alice").keys()]).toContain(policyKey("a", "bob"));
  });
});
