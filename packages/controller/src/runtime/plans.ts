import { createSnapshot, type TopologySnapshot } from "../topology/snapshot";
import type { DesiredState, Intent, PolicyKey, Topology } from "@sextant/model";
import type { Catalog } from "../pipeline/catalog";
import { type IntentPlan, planIntent } from "../pipeline/plan";
import type { PolicyEntries } from "../pipeline/entries";
import { type LackingFeatures, NOTHING_LACKING } from "../pipeline/features";
import { type Domain, desiredFor, domainOf } from "../pipeline/push";
import { type PlanInputs, recompute } from "../pipeline/recompute";
import { HeldEnds } from "./held-ends";
import { Senders } from "./senders";

/** What one pass of recomputation did, for the log. */
export interface RefreshResult {
  readonly computed: number;
  readonly forgotten: number;
  /** Names of both. */
  readonly touched: readonly string[];
  readonly failed: readonly PlanFailure[];
}

/** A bug that one intent brought to light. */
export interface PlanFailure {
  readonly intent: string;
  readonly error: unknown;
}

/** The plans of all intents in force and the desired state of each host, kept up to date with a catalog and what hosts may have. */
export class Plans {
  #topology: Topology | undefined;
  #inputs: PlanInputs = { snapshot: undefined, intents: new Map(), lacking: NOTHING_LACKING };
  #domain: Domain | undefined;
  #version = 0;
  readonly #byIntent = new Map<string, IntentPlan>();
  readonly #byHost = new Map<string, Map<PolicyKey, PolicyEntries>>();
  readonly #senders = new Senders();
  /** What hosts may have of earlier plans: their ends are to admit them as long. */
  readonly heldEnds = new HeldEnds((sender, end) => {
    if (!this.#senders.has(sender, end)) this.#desired.delete(end);
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
    const desired = desiredFor(nodes?.get(host), this.#domain, this.policiesOf(host).values(), senders);
    this.#desired.set(host, desired);
    return desired;
  }

  /**
   * Computes what a new catalog, and what hosts cannot do, change. Ends in the same state whatever lay in between. An intent whose plan
   * throws has no policies, and the others are not touched: one bug must not take a controller from all its hosts.
   */
  refresh(catalog: Catalog, lacking: LackingFeatures = NOTHING_LACKING): RefreshResult {
    const now = { snapshot: this.#snapshotOf(catalog.topology?.value), intents: intentsOf(catalog), lacking };
    const { compute, forget } = recompute(this.#inputs, now, (intent) => this.#endsOf(intent));
    for (const name of [...forget, ...compute]) this.#drop(name);
    const failed: PlanFailure[] = [];
    for (const name of compute) {
      const intent = now.intents.get(name);
      if (intent === undefined || now.snapshot === undefined) continue;
      try {
        this.#keep(this.plan(intent, now.snapshot, lacking));
      } catch (error) {
        failed.push({ intent: name, error });
        const failure = error instanceof Error ? error.message : String(error);
        this.#keep({ intent, policies: [], unknownSources: [], failure });
      }
    }
    this.#inputs = now;
    return { computed: compute.length, forgotten: forget.length, touched: [...forget, ...compute], failed };
  }

  #snapshotOf(topology: Topology | undefined): TopologySnapshot | undefined {
    if (topology === this.#topology) return this.snapshot;
    this.#topology = topology;
    this.#version += 1;
    this.#desired.clear();
    this.#domain = topology && domainOf(topology);
    return topology && createSnapshot(topology, this.#version);
  }

  #endsOf(intent: string): ReadonlySet<string> {
    const policies = this.#byIntent.get(intent)?.policies ?? [];
    return new Set(policies.flatMap(({ computed }) => [computed.host, computed.egress ?? ""]));
  }

  #drop(name: string): void {
    for (const { computed, entries } of this.#byIntent.get(name)?.policies ?? []) {
      const policies = this.#byHost.get(computed.host);
      this.#desired.delete(computed.host);
      policies?.delete(entries.policy.entry.key);
      if (policies?.size === 0) this.#byHost.delete(computed.host);
      if (entries.decapsulatedBy === undefined) continue;
      this.#senders.remove(computed.host, entries.decapsulatedBy);
      this.#desired.delete(entries.decapsulatedBy);
    }
    this.#byIntent.delete(name);
  }

  #keep(plan: IntentPlan): void {
    this.#byIntent.set(plan.intent.name, plan);
    for (const { computed, entries } of plan.policies) {
      const policies = this.#byHost.get(computed.host) ?? new Map<PolicyKey, PolicyEntries>();
      policies.set(entries.policy.entry.key, entries);
      this.#desired.delete(computed.host);
      this.#byHost.set(computed.host, policies);
      if (entries.decapsulatedBy === undefined) continue;
      this.#senders.add(computed.host, entries.decapsulatedBy);
      this.#desired.delete(entries.decapsulatedBy);
    }
  }
}

function intentsOf(catalog: Catalog): ReadonlyMap<string, Intent> {
  return new Map([...catalog.intents].map(([name, { value }]) => [name, value]));
}
