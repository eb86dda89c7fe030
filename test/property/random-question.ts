import fc from "fast-check";
import { type Intent, withServices } from "../../packages/model/src";
import { intentOf } from "../support/intent";
import type { Additive, AskedGoal, Question } from "./brute-force";
import { type RandomNetwork, randomNetwork } from "./random-network";

/** Bounds that no path of these networks can break. */
export const UNBOUNDED = {
  ...{ maxDelayUs: 1e6, maxJitterUs: 1e6, maxLossPercent: 100, maxIgp: 1e6, maxHops: 20, minBandwidthMbps: 1 },
} as const;

const additive = fc.constantFrom<Additive>("delay", "igp", "te", "hops", "jitter", "loss");
const weights = fc
  .dictionary(additive, fc.integer({ min: 1, max: 3 }), { minKeys: 1, maxKeys: 3 })
  .map((given) => ({ ...given }));
const goal: fc.Arbitrary<AskedGoal> = fc.oneof(
  { weight: 4, arbitrary: additive.map((minimize) => ({ minimize })) },
  { weight: 1, arbitrary: weights.map((minimize) => ({ minimize })) },
  { weight: 1, arbitrary: fc.constant({ minimize: "utilisation" as const }) },
  { weight: 1, arbitrary: fc.constant({ maximize: "bandwidth" as const }) },
);

/** Any constraints and goals in any combination, each left out more often than not. */
function questionFor(network: RandomNetwork): fc.Arbitrary<Question> {
  const some = <T>(items: readonly T[], max: number) =>
    fc.subarray([...items], { maxLength: Math.min(max, items.length) });
  const rarely = (names: fc.Arbitrary<string[]>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: names });
  const bound = (none: number, some: fc.Arbitrary<number>) =>
    fc.oneof({ weight: 2, arbitrary: fc.constant(none) }, { weight: 1, arbitrary: some });
  const links = network.links.map(({ name }) => name);
  const elements = fc.record({
    nodes: rarely(some(network.routers, 1)),
    links: rarely(some(links, 2)),
    srlgs: rarely(some(["s1", "s2"], 1)),
  });
  return fc
    .record({
      source: fc.constant("h1"),
      target: fc.constant("h2"),
      objective: fc.array(goal, { minLength: 1, maxLength: 3 }),
      maxDelayUs: bound(
        1e6,
        fc.integer({ min: 1, max: 140 }).map((tenths) => tenths / 10),
      ),
      maxJitterUs: bound(1e6, fc.integer({ min: 1, max: 12 })),
      maxLossPercent: bound(100, fc.constantFrom(0, 0.001, 0.1, 0.101, 0.3)),
      maxIgp: bound(1e6, fc.integer({ min: 0, max: 12 })),
      maxHops: bound(20, fc.integer({ min: 1, max: 8 })),
      minBandwidthMbps: fc.constantFrom(1, 1, 1, 50),
      avoid: elements,
      include: elements,
      affinity: fc.record({
        any: rarely(some(["gold", "lowcost"], 2)),
        all: rarely(some(["gold"], 1)),
        none: rarely(some(["lowcost"], 1)),
      }),
      via: fc.oneof(
        fc.constant([]),
        fc.array(fc.subarray(network.routers.slice(0, 3), { minLength: 1 }), { maxLength: 2 }),
      ),
    })
    .map((question) => (legsOf(question) > 3 ? { ...question, maxHops: Math.min(question.maxHops, 8) } : question));
}

/** Each leg may visit every node again: of many legs, looking at all walks takes for ever. */
export function legsOf({ via, include }: Question): number {
  return 1 + via.length + include.nodes.length + include.links.length + include.srlgs.length;
}

/** The question as the intent that asks it; what is unbounded is not mentioned. */
export function intentFor(question: Question): Intent {
  const { objective, source, target, via, avoid, include, affinity, ...bounds } = question;
  const bounded = Object.entries(bounds).filter(([name, value]) => value !== UNBOUNDED[name as keyof typeof UNBOUNDED]);
  const given = bounded.map(([name, value]): [string, number] =>
    name.endsWith("Us") ? [name.replace("Us", "Ms"), value / 1_000] : [name, value],
  );
  const intent = intentOf({
    from: { hosts: [source] },
    to: { hosts: [target] },
    objective,
    constraints: {
      ...Object.fromEntries(given),
      ...{ avoid, include, affinity },
      via: via.map((nodes, i) => (nodes.length === 1 ? { node: nodes[0] } : { service: `s${i}` })),
    },
  });
  const services = via.map((nodes, i) => ({
    name: `s${i}`,
    type: "firewall",
    instances: nodes.map((node, j) => ({ name: `i${j}`, node, state: "up" as const })),
  }));
  return withServices(intent, new Map(services.map((service) => [service.name, service])));
}

/** Networks, each with a question about it. */
export function networkAndQuestion(maxRouters?: number, maxLinks?: number): fc.Arbitrary<[RandomNetwork, Question]> {
  return randomNetwork(maxRouters, maxLinks).chain((network) => fc.tuple(fc.constant(network), questionFor(network)));
}
