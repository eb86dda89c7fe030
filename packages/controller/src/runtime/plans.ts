import type { DirectedLink } from "../topology/directed-link";
import { createSnapshot, snapshotInSteps, type TopologySnapshot, withUnusable } from "../topology/snapshot";
import type { FlatGraph } from "../topology/flat-graph";
import { goOn } from "../topology/steps";
import type { DesiredState, Intent, ListKey, PolicyKey, Revised, Topology } from "@sextant/model";
import type { PlanFailure } from "../bandwidth/admission";
import { Bandwidth } from "../bandwidth/bandwidth";
import { type Catalog, EMPTY_CATALOG } from "../pipeline/catalog";
import { holds } from "../pipeline/holds";
import { type IntentPlan, planIntent } from "../pipeline/plan";
import type { ListEntry, PolicyEntries } from "../pipeline/entries";
import { type LackingFeatures, NOTHING_LACKING } from "../pipeline/features";
import { type Domain, desiredFor, domainOf } from "../pipeline/push";
import { type PlanInputs, type Recomputation, recompute } from "../pipeline/recompute";
import type { PathPool } from "../workers/path-pool";
import { HeldEnds } from "./held-ends";
import { PlanSet } from "./plan-set";
import type { Answer } from "./handed-out";
import { LEAST_FOR_THREADS, PlansAhead } from "./plans-ahead";
import { PlansLeft } from "./plans-left";
import type { RefreshInputs, RefreshResult } from "./refresh";

const NOTHING_UNUSABLE: readonly DirectedLink[] = [];
/** So many plans that were made ahead come into force at once, in some milliseconds; more of them in turns. */
const MAX_TAKEN_AT_ONCE = 1_000;

const NOTHING_DONE = { forgotten: 0, touched: [], failed: [] } as const;

/** The plans of all intents in force and the desired state of each host, kept up to date with a catalog and what hosts may have. */
export class Plans {
  #catalog = EMPTY_CATALOG;
  #topology: Topology | undefined;
  #inputs: PlanInputs = { snapshot: undefined, intents: EMPTY_CATALOG.intents, lacking: NOTHING_LACKING };
  #domain: Domain | undefined;
  #version = 0;
  #unusable = NOTHING_UNUSABLE;
  #ahead: PlansAhead | undefined;
  /** What is done before plans can be made ahead. */
  #beginning: { readonly catalog: Catalog; readonly steps: Generator<void> } | undefined;
  /** Whether its catalog has come into force: then it goes when nothing is left, whatever catalog has followed. */
  #isAheadInForce = false;
  /** What is still to be done. */
  readonly #left: PlansLeft;
  /** Lists that hosts keep though no policy uses them. */
  readonly #retained = new Map<string, readonly ListEntry[]>();
  /** How a host is to probe its lists; undefined: as its settings say. */
  probingOf: (host: string, graph: FlatGraph) => Revised | undefined = () => undefined;
  /** Told the hosts whose desired state is to be asked for again; undefined: all of them. */
  onDesiredChanged: (host: string | undefined) => void = () => undefined;
  /** Told the hosts whose lists are others. */
  onListsChanged: (host: string) => void = () => undefined;
  #set = new PlanSet(undefined);
  /** Plans of intents that reserve bandwidth. */
  readonly bandwidth = new Bandwidth();
  /** What hosts may have of earlier plans: their ends are to admit them as long. */
  readonly heldEnds = new HeldEnds((sender, end) => {
    if (!this.#set.senders.has(sender, end)) this.#forgetDesired(end);
  });
  /** Desired states that were asked for since their host's policies last changed. */
  readonly #desired = new Map<string, DesiredState>();

  /** `plan` turns one intent into its policies; `pool` helps where there are many. */
  constructor(
    private readonly plan: typeof planIntent = planIntent,
    private readonly pool?: PathPool,
  ) {
    this.#left = new PlansLeft(pool);
  }

  get snapshot(): TopologySnapshot | undefined {
    return this.#inputs.snapshot;
  }

  /** The plan of an intent that was in force at the last refresh. */
  of(intent: string): IntentPlan | undefined {
    return this.#set.get(intent);
  }

  /** Policies of a host by key. */
  policiesOf(host: string): ReadonlyMap<PolicyKey, PolicyEntries> {
    return this.#set.policiesOf(host);
  }

  /** What a host is to hold: the same object until something about it changes. */
  desiredOf(host: string): DesiredState {
    const kept = this.#desired.get(host);
    if (kept !== undefined) return kept;
    const nodes = this.snapshot?.nodes;
    const names = new Set([...this.#set.senders.of(host), ...this.heldEnds.of(host)]);
    const senders = [...names].flatMap((sender) => nodes?.get(sender) ?? []);
    const desired = desiredFor(nodes?.get(host), this.#domain, {
      policies: this.policiesOf(host).values(),
      retained: this.retainedOf(host),
      senders,
      probing: this.#probingOf(host),
    });
    this.#desired.set(host, desired);
    return desired;
  }

  #probingOf(host: string): Revised | undefined {
    const { snapshot, lacking } = this.#inputs;
    if (snapshot === undefined || lacking.get(host)?.has("probing") === true) return undefined;
    return this.probingOf(host, snapshot.flat);
  }

  /** Hosts that have something to do. */
  hosts(): Iterable<string> {
    return new Set([...this.#set.hosts(), ...this.#retained.keys()]);
  }

  /** The intents' policies on a host. */
  plannedOn(host: string): { readonly entries: PolicyEntries; readonly intent: Intent }[] {
    return [...this.policiesOf(host).values()].flatMap((entries) => {
      const intent = this.#set.get(entries.intent)?.intent;
      return intent === undefined ? [] : [{ entries, intent }];
    });
  }

  /** Lists that a host keeps though no policy uses them. */
  retainedOf(host: string): readonly ListEntry[] {
    return this.#retained.get(host) ?? [];
  }

  /** These hosts are to probe their lists in another way. */
  probingChanged(hosts: readonly string[]): void {
    for (const host of hosts) this.#forgetDesired(host);
  }

  /** Lists of a host by key, with the ways of their probes: those of its policies, and those that it keeps besides. */
  listsOf(host: string): ReadonlyMap<ListKey, ListEntry> {
    const lists = [...this.retainedOf(host), ...[...this.policiesOf(host).values()].flatMap((p) => p.lists)];
    return new Map(lists.map((list) => [list.entry.key, list]));
  }

  /** Has a host keep lists, and probe them, whether or not a policy uses them; none: it keeps no others any more. */
  retain(host: string, lists: readonly ListEntry[]): void {
    if (lists.length === 0) this.#retained.delete(host);
    else this.#retained.set(host, lists);
    this.#touchHost(host);
  }

  /**
   * Makes plans for a catalog before it comes into force, for so long; false when all are made. The refresh that brings the catalog takes them:
   * those that links or hosts have changed for since are as good as they were, and made anew with what is left.
   */
  prepare({
    catalog,
    lacking = NOTHING_LACKING,
    unusable = NOTHING_UNUSABLE,
    budgetMs = Infinity,
  }: RefreshInputs): boolean {
    if (this.#ahead?.inputs.catalog !== catalog) {
      if (this.#beginning?.catalog !== catalog)
        this.#beginning = { catalog, steps: this.#begin({ catalog, lacking, unusable }) };
      if (goOn(this.#beginning.steps, budgetMs)) this.#beginning = undefined;
      return true;
    }
    return (
      this.#ahead.run(budgetMs) || this.bandwidth.prepare({ ...this.#ahead.inputs, intents: catalog.intents }, budgetMs)
    );
  }

  /** Resolves when `prepare` can go on, after everybody else's turn. */
  async turn(): Promise<void> {
    if (this.#beginning === undefined) await this.#ahead?.turn();
    else await new Promise((resolve) => setImmediate(resolve));
  }

  /** Resolves when a refresh can go on with what is left. */
  turnLeft(): Promise<void> {
    return this.#left.turn();
  }

  /** What is in force may change between the steps: documents are compared in the last one. */
  *#begin({ catalog, lacking, unusable }: Omit<Required<RefreshInputs>, "budgetMs">): Generator<void> {
    const topology = catalog.topology?.value;
    let made: TopologySnapshot | undefined;
    if (topology !== undefined && topology !== this.#topology) {
      if (catalog.intents.size >= LEAST_FOR_THREADS) this.pool?.begin(topology);
      yield;
      made = yield* snapshotInSteps(topology, this.#version, unusable);
      yield;
    }
    const snapshot = topology === this.#topology ? this.snapshot : made;
    const before = this.#inputs;
    const inputs = { snapshot, intents: catalog.intents, lacking };
    const work = recompute(before, inputs, this.#set);
    this.#ahead = new PlansAhead({ ...inputs, catalog }, before, work, this.plan, this.pool);
    this.#isAheadInForce = false;
  }

  /**
   * Computes what a new catalog, what hosts cannot do, and what is broken change. Ends in the same state whatever lay in between. An
   * intent whose plan throws has no policies, and the others are not touched: one bug must not take a controller from all its hosts.
   */
  refresh({ catalog, lacking = NOTHING_LACKING, unusable = NOTHING_UNUSABLE, budgetMs }: RefreshInputs): RefreshResult {
    const before = this.#inputs;
    const snapshot = this.#snapshotOf(catalog.topology?.value, unusable);
    const now = { snapshot, intents: catalog.intents, lacking };
    const isSame = catalog === this.#catalog && snapshot === before.snapshot && lacking === before.lacking;
    const admitted = this.bandwidth.refresh(now);
    const { forgotten, touched, failed } = isSame ? NOTHING_DONE : this.#follow(catalog, before, now);
    // Bandwidth that one intent takes or gives back may move others.
    const moved = admitted.changed.filter((name) => this.#set.get(name) !== this.bandwidth.planOf(name));
    for (const name of moved) this.#planAgain(name);
    const later = this.#planLeft(budgetMs);
    this.#isAheadInForce ||= this.#ahead?.inputs.catalog === catalog;
    if (this.#left.size === 0 && this.#isAheadInForce) this.#ahead = undefined;
    return {
      computed: touched.length - forgotten + moved.length + later.done.length,
      forgotten,
      touched: [...new Set([...touched, ...moved, ...later.done])],
      failed: [...failed, ...admitted.failed, ...later.failed],
      left: this.#left.size,
    };
  }

  /** What documents change is done at once, unless that is much of one network. What links change is left, and what has been planned ahead of it. */
  #follow(catalog: Catalog, before: PlanInputs, now: PlanInputs): Omit<RefreshResult, "computed" | "left"> {
    const ahead = this.#ahead?.inputs.catalog === catalog ? this.#ahead : undefined;
    const isOneNetwork = before.snapshot?.flat === now.snapshot?.flat;
    const work = this.#workOf(before, now, ahead);
    this.#catalog = catalog;
    this.#inputs = now;
    for (const name of work.forget) this.#drop(name);
    for (const name of work.reconsider) this.#left.add(name, "reconsider");
    const compute = isOneNetwork ? work.compute : this.#enter(now, ahead);
    const isMuch = isOneNetwork && ahead !== undefined && compute.length > MAX_TAKEN_AT_ONCE;
    if (isMuch) for (const name of compute) this.#left.add(name, "plan");
    const failed = isMuch ? [] : compute.flatMap((name) => this.#planAgain(name));
    const touched = [...work.forget, ...(isMuch ? [] : work.compute)];
    return { forgotten: work.forget.length, touched, failed };
  }

  /** Documents are compared once. */
  #workOf(before: PlanInputs, now: PlanInputs, ahead: PlansAhead | undefined): Recomputation {
    if (ahead?.before.intents !== before.intents) return recompute(before, now, this.#set);
    const { compute, forget } = ahead.work;
    // All of them.
    if (before.snapshot?.flat !== now.snapshot?.flat)
      return { compute: [...now.intents.keys()], forget, reconsider: [] };
    const rest = recompute({ ...before, intents: now.intents }, now, this.#set);
    return { forget, compute: [...new Set([...compute, ...rest.compute])].sort(), reconsider: rest.reconsider };
  }

  /** Another network: nothing of the plans at hand is any good. Takes those that were made ahead; returns the intents that have none. */
  #enter(now: PlanInputs, ahead: PlansAhead | undefined): string[] {
    const hosts = new Set(this.#set.hosts());
    const flat = now.snapshot?.flat;
    this.#left.clear();
    const isAhead = ahead !== undefined && flat !== undefined && ahead.plans.graph === flat;
    this.#set = isAhead ? ahead.plans : new PlanSet(flat);
    for (const host of new Set([...hosts, ...this.#set.hosts()])) this.#touchHost(host);
    if (now.snapshot === undefined) return [];
    const { compute, reconsider } = isAhead ? recompute(ahead.inputs, now, this.#set) : { compute: [], reconsider: [] };
    for (const name of compute) this.#left.add(name, "plan");
    for (const name of reconsider) this.#left.add(name, "reconsider");
    return [...now.intents.keys()].filter((name) => this.#set.get(name) === undefined).sort();
  }

  /** Goes on with what is left: until all is done where there is no budget, else with the help of threads. */
  #planLeft(budgetMs = Infinity): { done: string[]; failed: PlanFailure[] } {
    const startMs = performance.now();
    const done: string[] = [];
    const failed: PlanFailure[] = [];
    const alone = budgetMs === Infinity;
    if (budgetMs <= 0) return { done, failed };
    const order = () => this.#left.order(this.#inputs, (intent) => this.#isForThreads(intent));
    order();
    do {
      if (!alone) this.#left.handOut(this.#inputs);
      const next = this.#left.next({ alone });
      if (next === undefined) break;
      const name = next.kind === "answer" ? next.answer.intent.name : next.name;
      if (!this.#left.has(name)) continue;
      if (next.kind === "reconsider") {
        if (this.#holds(name)) this.#left.delete(name);
        else this.#left.add(name, "plan");
        if (!this.#left.isReconsidering) order();
      } else {
        const isTaken = next.kind === "answer" && this.#takeAnswer(next.answer);
        if (!isTaken) failed.push(...this.#planAgain(name));
        done.push(name);
      }
    } while (performance.now() - startMs < budgetMs);
    return { done, failed };
  }

  /** Not where a plan is there already. */
  #isForThreads(intent: Intent): boolean {
    return this.bandwidth.planOf(intent.name) === undefined && this.#aheadFor(intent) === undefined;
  }

  #holds(name: string): boolean {
    const plan = this.#set.get(name);
    const { snapshot } = this.#inputs;
    if (plan === undefined || snapshot === undefined || plan === this.bandwidth.planOf(name)) return true;
    return holds(plan, snapshot.flat, this.#set.madeWithoutOf(name), snapshot.unusable);
  }

  #planAgain(name: string): PlanFailure[] {
    const { intents, snapshot, lacking } = this.#inputs;
    const intent = intents.get(name)?.value;
    const isAhead = this.#takeAhead(name, intent);
    if (isAhead) return [];
    this.#drop(name);
    if (intent === undefined || snapshot === undefined) return [];
    const reserved = this.bandwidth.planOf(name);
    if (reserved !== undefined) {
      this.#keep(reserved, snapshot.unusable);
      return [];
    }
    try {
      this.#keep(this.plan(intent, snapshot, lacking), snapshot.unusable);
      return [];
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      this.#keep({ intent, policies: [], unknownSources: [], failure }, snapshot.unusable);
      return [{ intent: name, error }];
    }
  }

  /** Takes the plan that was made ahead, if there is one. */
  #takeAhead(name: string, intent: Intent | undefined): boolean {
    const ahead = this.#aheadFor(intent);
    const unusable = ahead?.plans.madeWithoutOf(name);
    const plan = ahead?.plans.drop(name);
    if (ahead === undefined || plan === undefined || unusable === undefined) return false;
    this.#takeOver(plan, unusable, ahead.inputs.lacking);
    return true;
  }

  /** Where a plan of this intent has been made ahead and can be taken. */
  #aheadFor(intent: Intent | undefined): PlansAhead | undefined {
    const ahead = this.#ahead;
    if (ahead === undefined || ahead.plans === this.#set || ahead.plans.graph !== this.#set.graph) return undefined;
    return intent !== undefined && ahead.plans.get(intent.name)?.intent === intent ? ahead : undefined;
  }

  /** Takes the plan that a thread has searched for; false where it is not wanted any more. */
  #takeAnswer({ intent, plan, snapshot, lacking }: Answer): boolean {
    const { intents, snapshot: now } = this.#inputs;
    const isCurrent = intents.get(intent.name)?.value === intent && snapshot.flat === now?.flat;
    if (plan === undefined || !isCurrent || !this.#isForThreads(intent)) return false;
    this.#takeOver(plan, snapshot.unusable, lacking);
    return true;
  }

  /** Where hosts or links have changed since a plan was made it is as good as it was, and stays left. */
  #takeOver(plan: IntentPlan, unusable: ReadonlySet<number>, lacking: LackingFeatures): void {
    const { name } = plan.intent;
    this.#drop(name);
    this.#keep(plan, unusable);
    if (lacking !== this.#inputs.lacking) this.#left.add(name, "plan");
    else if (!this.#holds(name)) this.#left.add(name, "reconsider");
  }

  #snapshotOf(topology: Topology | undefined, unusable: readonly DirectedLink[]): TopologySnapshot | undefined {
    if (topology === this.#topology && unusable === this.#unusable) return this.snapshot;
    this.#version += 1;
    this.#unusable = unusable;
    if (topology === this.#topology) return this.snapshot && withUnusable(this.snapshot, this.#version, unusable);
    this.#topology = topology;
    this.#desired.clear();
    this.onDesiredChanged(undefined);
    this.#domain = topology && domainOf(topology);
    const ahead = this.#ahead?.inputs.snapshot;
    if (ahead !== undefined && ahead.topology === topology) return withUnusable(ahead, this.#version, unusable);
    return topology && createSnapshot(topology, this.#version, unusable);
  }

  #forgetDesired(host: string): void {
    this.#desired.delete(host);
    this.onDesiredChanged(host);
  }

  #touchHost(host: string): void {
    this.#forgetDesired(host);
    this.onListsChanged(host);
  }

  #drop(name: string): void {
    this.#left.delete(name);
    this.#touch(this.#set.drop(name));
  }

  #keep(plan: IntentPlan, unusable: ReadonlySet<number>): void {
    this.#set.keep(plan, unusable);
    this.#touch(plan);
  }

  /** The plan has come, or gone. */
  #touch(plan: IntentPlan | undefined): void {
    for (const { computed, entries } of plan?.policies ?? []) {
      this.#touchHost(computed.host);
      if (entries.decapsulatedBy !== undefined) this.#forgetDesired(entries.decapsulatedBy);
    }
  }
}
