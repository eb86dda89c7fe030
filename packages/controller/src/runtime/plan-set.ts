import type { PolicyKey } from "@sextant/model";
import type { PolicyEntries } from "../pipeline/entries";
import { foundationOf } from "../pipeline/holds";
import type { IntentPlan, PlannedPolicy } from "../pipeline/plan";
import type { Planned } from "../pipeline/recompute";
import type { FlatGraph } from "../topology/flat-graph";
import { Bags } from "./bags";
import { Senders } from "./senders";

type Unusable = ReadonlySet<number>;

const NOTHING_UNUSABLE: Unusable = new Set();
const NO_POLICIES: ReadonlyMap<PolicyKey, PolicyEntries> = new Map();

/** A plan, and its number: one for each there is, given again when it is gone. */
interface Numbered {
  readonly plan: IntentPlan;
  readonly number: number;
}

/** Plans of intents in one network, by all that is asked for: intent, host, edge, and what could not be used when they were made. */
export class PlanSet implements Planned {
  readonly #plans = new Map<string, Numbered>();
  /** Names of the intents by the numbers of their plans. */
  readonly #names: string[] = [];
  readonly #freeNumbers: number[] = [];
  readonly #byHost = new Map<string, Map<PolicyKey, PolicyEntries>>();
  /** Numbers of plans, by the nodes where their policies begin or end, and by the edges that they stand on. */
  readonly #byEnd: Bags;
  readonly #byEdge: Bags;
  /** Of plans for which something was not to be used; most plans are made of a sound network. */
  readonly #unusable = new Map<string, Unusable>();
  readonly #byUnusable = new Map<Unusable, Set<string>>();
  readonly senders = new Senders();

  /** Undefined: without a network there are no paths. */
  constructor(readonly graph: FlatGraph | undefined) {
    this.#byEnd = new Bags(graph?.nodeNames.length ?? 0);
    this.#byEdge = new Bags(graph?.edgeFrom.length ?? 0);
  }

  get(intent: string): IntentPlan | undefined {
    return this.#plans.get(intent)?.plan;
  }

  /** Edges that were not to be used when the plan of an intent was made. */
  madeWithoutOf(intent: string): Unusable {
    return this.#unusable.get(intent) ?? NOTHING_UNUSABLE;
  }

  policiesOf(host: string): ReadonlyMap<PolicyKey, PolicyEntries> {
    return this.#byHost.get(host) ?? NO_POLICIES;
  }

  /** Hosts with policies. */
  hosts(): Iterable<string> {
    return this.#byHost.keys();
  }

  endingAt(host: string): Iterable<string> {
    const node = this.graph?.nodeIndex.get(host);
    return node === undefined ? [] : this.#named(this.#byEnd.of(node));
  }

  standingOn(edge: number): Iterable<string> {
    return this.#named(this.#byEdge.of(edge));
  }

  *madeWithout(edge: number): Iterable<string> {
    for (const [unusable, intents] of this.#byUnusable) if (unusable.has(edge)) yield* intents;
  }

  /** Adds a plan that was made while `unusable` was; there is none of its intent. */
  keep(plan: IntentPlan, unusable: Unusable): void {
    const { name } = plan.intent;
    const number = this.#freeNumbers.pop() ?? this.#names.length;
    this.#names[number] = name;
    this.#plans.set(name, { plan, number });
    for (const { computed, entries } of plan.policies) {
      const policies = this.#byHost.get(computed.host) ?? new Map<PolicyKey, PolicyEntries>();
      policies.set(entries.key, entries);
      this.#byHost.set(computed.host, policies);
      if (entries.decapsulatedBy !== undefined) this.senders.add(computed.host, entries.decapsulatedBy);
    }
    for (const node of this.#endsOf(plan)) this.#byEnd.add(node, number);
    for (const edge of this.#foundationOf(plan)) this.#byEdge.add(edge, number);
    if (unusable.size === 0) return;
    this.#unusable.set(name, unusable);
    const others = this.#byUnusable.get(unusable);
    if (others === undefined) this.#byUnusable.set(unusable, new Set([name]));
    else others.add(name);
  }

  /** Takes a plan out and returns it; undefined when there is none. */
  drop(name: string): IntentPlan | undefined {
    const numbered = this.#plans.get(name);
    if (numbered === undefined) return undefined;
    const { plan, number } = numbered;
    this.#plans.delete(name);
    this.#freeNumbers.push(number);
    for (const policy of plan.policies) this.#dropPolicy(policy);
    for (const node of this.#endsOf(plan)) this.#byEnd.remove(node, number);
    for (const edge of this.#foundationOf(plan)) this.#byEdge.remove(edge, number);
    const unusable = this.madeWithoutOf(name);
    this.#unusable.delete(name);
    const others = this.#byUnusable.get(unusable);
    others?.delete(name);
    if (others?.size === 0) this.#byUnusable.delete(unusable);
    return plan;
  }

  #dropPolicy({ computed: { host }, entries }: PlannedPolicy): void {
    const policies = this.#byHost.get(host);
    policies?.delete(entries.key);
    if (policies?.size === 0) this.#byHost.delete(host);
    if (entries.decapsulatedBy !== undefined) this.senders.remove(host, entries.decapsulatedBy);
  }

  #named(numbers: readonly number[]): string[] {
    return numbers.map((number) => this.#names[number] as string);
  }

  /** Nodes where policies begin or end, each once. */
  #endsOf(plan: IntentPlan): number[] {
    return [...endsOf(plan)].flatMap((host) => this.graph?.nodeIndex.get(host) ?? []);
  }

  #foundationOf(plan: IntentPlan): readonly number[] {
    return this.graph === undefined ? [] : foundationOf(plan, this.graph);
  }
}

/** Hosts where policies begin or end, each once. */
function endsOf({ policies }: IntentPlan): Iterable<string> {
  const [first] = policies;
  if (policies.length === 1 && first !== undefined) {
    const { host, egress = host } = first.computed;
    return host === egress ? [host] : [host, egress];
  }
  return new Set(
    policies.flatMap(({ computed: { host, egress } }) => (egress === undefined ? [host] : [host, egress])),
  );
}
