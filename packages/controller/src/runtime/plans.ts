import type { DirectedLink } from "../topology/directed-link";
import { createSnapshot, type TopologySnapshot, withUnusable } from "../topology/snapshot";
import type { FlatGraph } from "../topology/flat-graph";
import type { DesiredState, Intent, ListKey, PolicyKey, Revised, Topology } from "@sextant/model";
import type { Catalog } from "../pipeline/catalog";
import { type IntentPlan, planIntent } from "../pipeline/plan";
import type { ListEntry, PolicyEntries } from "../pipeline/entries";
import { type LackingFeatures, NOTHING_LACKING } from "../pipeline/features";
import { type Domain, desiredFor, domainOf } from "../pipeline/push";
import { type Planned, type PlanInputs, recompute } from "../pipeline/recompute";
import { HeldEnds } from "./held-ends";
import { PlansAhead } from "./plans-ahead";
import { Senders } from "./senders";

/** What one pass of recomputation did, for the log. */
export interface RefreshResult {
  readonly computed: number;
  readonly forgotten: number;
  /** Names of both. */
  readonly touched: readonly string[];
  readonly failed: readonly PlanFailure[];
  /** Intents that still have the plan of before a link broke, or came back: the next pass goes on with them. */
  readonly left: number;
}

/** What a pass of recomputation works from. */
export interface RefreshInputs {
  readonly catalog: Catalog;
  readonly lacking?: LackingFeatures;
  /** What observation found broken: the same array until it is something else. */
  readonly unusable?: readonly DirectedLink[];
  /** For how long plans are made anew because of that; the others are made at once. Default: for as long as it takes. */
  readonly budgetMs?: number;
}

const NOTHING_UNUSABLE: readonly DirectedLink[] = [];

/** A bug that one intent brought to light. */
export interface PlanFailure {
  readonly intent: string;
  readonly error: unknown;
}

/** The plans of all intents in force and the desired state of each host, kept up to date with a catalog and what hosts may have. */
export class Plans {
  #catalog: Catalog | undefined;
  #topology: Topology | undefined;
  #inputs: PlanInputs = { snapshot: undefined, intents: new Map(), lacking: NOTHING_LACKING };
  #domain: Domain | undefined;
  #version = 0;
  #unusable = NOTHING_UNUSABLE;
  #ahead: PlansAhead | undefined;
  /** Intents whose plans are to be made anew for what is unusable now, and have not been. */
  readonly #left = new Set<string>();
  /** Lists that hosts keep though no policy uses them. */
  readonly #retained = new Map<string, readonly ListEntry[]>();
  /** How a host is to probe its lists; undefined: as its settings say. */
  probingOf: (host: string, graph: FlatGraph) => Revised | undefined = () => undefined;
  /** Told the hosts whose desired state is to be asked for again; undefined: all of them. */
  onDesiredChanged: (host: string | undefined) => void = () => undefined;
  /** Told the hosts whose lists are others. */
  onListsChanged: (host: string) => void = () => undefined;
  readonly #byIntent = new Map<string, IntentPlan>();
  readonly #byHost = new Map<string, Map<PolicyKey, PolicyEntries>>();
  readonly #senders = new Senders();
  /** What hosts may have of earlier plans: their ends are to admit them as long. */
  readonly heldEnds = new HeldEnds((sender, end) => {
    if (!this.#senders.has(sender, end)) this.#forgetDesired(end);
  });
  /** Desired states that were asked for since their host's policies last changed. */
  readonly #desired = new Map<string, DesiredState>();

  /** `plan` turns one intent into its policies. */
  constructor(private readonly plan: typeof planIntent = planIntent) {}

  get snapshot(): TopologySnapshot | undefined {
    return this.#inputs.snapshot;
  }

  /** The plan of an intent that was in force at the last refresh. */
  of(intent: string): IntentPlan | undefined {
    return this.#byIntent.get(intent);
  }

  /** Policies of a host by key. */
  policiesOf(host: string): ReadonlyMap<PolicyKey, PolicyEntries> {
    return this.#byHost.get(host) ?? new Map<PolicyKey, PolicyEntries>();
  }

  /** What a host is to hold: the same object until something about it changes. */
  desiredOf(host: string): DesiredState {
    const kept = this.#desired.get(host);
    if (kept !== undefined) return kept;
    const nodes = this.snapshot?.nodes;
    const names = new Set([...this.#senders.of(host), ...this.heldEnds.of(host)]);
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
    return new Set([...this.#byHost.keys(), ...this.#retained.keys()]);
  }

  /** The intents' policies on a host. */
  plannedOn(host: string): { readonly entries: PolicyEntries; readonly intent: Intent }[] {
    return [...this.policiesOf(host).values()].flatMap((entries) => {
      const intent = this.#byIntent.get(entries.policy.entry.intent)?.intent;
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
    if (this.#ahead?.inputs.catalog !== catalog) this.#ahead = this.#aheadOf({ catalog, lacking, unusable });
    return this.#ahead.run(budgetMs);
  }

  #aheadOf({ catalog, lacking, unusable }: Omit<Required<RefreshInputs>, "budgetMs">): PlansAhead {
    const topology = catalog.topology?.value;
    const isOneNetwork = topology === this.#topology;
    const snapshot = isOneNetwork ? this.snapshot : topology && createSnapshot(topology, this.#version, unusable);
    const inputs = { snapshot, intents: intentsOf(catalog), lacking };
    const { compute } = recompute(this.#inputs, inputs, this.#planned);
    return new PlansAhead(
      { ...inputs, catalog, unusable: isOneNetwork ? this.#unusable : unusable },
      compute,
      this.plan,
    );
  }

  /**
   * Computes what a new catalog, what hosts cannot do, and what is broken change. Ends in the same state whatever lay in between. An
   * intent whose plan throws has no policies, and the others are not touched: one bug must not take a controller from all its hosts.
   */
  refresh({ catalog, lacking = NOTHING_LACKING, unusable = NOTHING_UNUSABLE, budgetMs }: RefreshInputs): RefreshResult {
    const before = this.#inputs;
    const snapshot = this.#snapshotOf(catalog.topology?.value, unusable);
    if (catalog === this.#catalog && snapshot === before.snapshot && lacking === before.lacking) {
      const { done, failed } = this.#planLeft(budgetMs);
      return { computed: done.length, forgotten: 0, touched: done, failed, left: this.#left.size };
    }
    this.#catalog = catalog;
    const now = { snapshot, intents: intentsOf(catalog), lacking };
    const isOneNetwork = snapshot?.flat === before.snapshot?.flat;
    const rerouted = isOneNetwork ? recompute(before, { ...before, snapshot }, this.#planned).compute : [];
    const { compute, forget } = recompute(isOneNetwork ? { ...before, snapshot } : before, now, this.#planned);
    this.#inputs = now;
    for (const name of rerouted) this.#left.add(name);
    for (const name of forget) this.#drop(name);
    const failed = compute.flatMap((name) => this.#planAgain(name));
    const later = this.#planLeft(budgetMs);
    if (this.#ahead?.inputs.catalog === catalog) this.#ahead = undefined;
    const touched = [...forget, ...compute, ...later.done];
    const computed = compute.length + later.done.length;
    const left = this.#left.size;
    return { computed, forgotten: forget.length, touched, failed: [...failed, ...later.failed], left };
  }

  /** Goes on with what is left; at least with one, so that it comes to an end. */
  #planLeft(budgetMs = Infinity): { done: string[]; failed: PlanFailure[] } {
    const startMs = performance.now();
    const done: string[] = [];
    const failed: PlanFailure[] = [];
    if (budgetMs <= 0) return { done, failed };
    for (const name of this.#left) {
      failed.push(...this.#planAgain(name));
      done.push(name);
      if (performance.now() - startMs >= budgetMs) break;
    }
    return { done, failed };
  }

  #planAgain(name: string): PlanFailure[] {
    const { intents, snapshot, lacking } = this.#inputs;
    const intent = intents.get(name);
    this.#drop(name);
    if (intent === undefined || snapshot === undefined) return [];
    const ahead = this.#ahead?.take(intent, snapshot.flat);
    if (ahead !== undefined) {
      this.#keep(ahead);
      if (this.#ahead?.isOf(lacking, this.#unusable) === false) this.#left.add(name);
      return [];
    }
    try {
      this.#keep(this.plan(intent, snapshot, lacking));
      return [];
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      this.#keep({ intent, policies: [], unknownSources: [], failure });
      return [{ intent: name, error }];
    }
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

  readonly #planned: Planned = {
    endsOf: (intent) => {
      const policies = this.#byIntent.get(intent)?.policies ?? [];
      return new Set(policies.flatMap(({ computed }) => [computed.host, computed.egress ?? ""]));
    },
    crosses: (intent, edges) => {
      const lists = (this.#byIntent.get(intent)?.policies ?? []).flatMap(({ entries }) => entries.lists);
      return lists.some(({ loops }) => loops.out.some((edge) => edges.has(edge)));
    },
  };

  #forgetDesired(host: string): void {
    this.#desired.delete(host);
    this.onDesiredChanged(host);
  }

  #touchHost(host: string): void {
    this.#forgetDesired(host);
    this.onListsChanged(host);
  }

  #drop(name: string): void {
    for (const { computed, entries } of this.#byIntent.get(name)?.policies ?? []) {
      const policies = this.#byHost.get(computed.host);
      this.#touchHost(computed.host);
      policies?.delete(entries.policy.entry.key);
      if (policies?.size === 0) this.#byHost.delete(computed.host);
      if (entries.decapsulatedBy === undefined) continue;
      this.#senders.remove(computed.host, entries.decapsulatedBy);
      this.#forgetDesired(entries.decapsulatedBy);
    }
    this.#byIntent.delete(name);
    this.#left.delete(name);
  }

  #keep(plan: IntentPlan): void {
    this.#byIntent.set(plan.intent.name, plan);
    for (const { computed, entries } of plan.policies) {
      const policies = this.#byHost.get(computed.host) ?? new Map<PolicyKey, PolicyEntries>();
      policies.set(entries.policy.entry.key, entries);
      this.#touchHost(computed.host);
      this.#byHost.set(computed.host, policies);
      if (entries.decapsulatedBy === undefined) continue;
      this.#senders.add(computed.host, entries.decapsulatedBy);
      this.#forgetDesired(entries.decapsulatedBy);
    }
  }
}

function intentsOf(catalog: Catalog): ReadonlyMap<string, Intent> {
  return new Map([...catalog.intents].map(([name, { value }]) => [name, value]));
}
