import { type DesiredPolicy, type Intent, type PolicyKey, policyKey } from "@sextant/model";
import { pairName } from "../compute/endpoints";
import type { DocumentRecord } from "../pipeline/document-record";
import type { LackingFeatures } from "../pipeline/features";
import type { IntentPlan, PlannedPolicy } from "../pipeline/plan";
import type { SharingMap } from "../pipeline/sharing-map";
import { directedLinkOf } from "../topology/directed-link";
import type { TopologySnapshot } from "../topology/snapshot";
import { Admission, type AdmissionInputs, type Admitted, admit, type PlanFailure } from "./admission";
import { type LinkUse, linkUses } from "./link-use";
import { PlanMemory } from "./plan-memory";
import { isReserving, type Measured, type ReservingIntent, wishId } from "./wish";

/** An intent in force. */
interface AcceptedIntent {
  readonly value: Intent;
  readonly record: DocumentRecord;
}

/** What a controller's reservations follow from; unchanged values are recognised by identity. */
export interface BandwidthInputs {
  readonly intents: SharingMap<AcceptedIntent>;
  readonly snapshot: TopologySnapshot | undefined;
  readonly lacking: LackingFeatures;
}

/** An intent, and how much its policies were measured to need. */
interface Reserving {
  readonly intent: ReservingIntent;
  readonly measuredMbps: DocumentRecord["measuredMbps"];
}

export interface BandwidthChange {
  /** Intents whose plans are others, in order of name. */
  readonly changed: readonly string[];
  readonly failed: readonly PlanFailure[];
}

/** A policy that reserves what is measured. */
export interface MeasuredPolicy {
  readonly key: PolicyKey;
  readonly intent: string;
  /** Name of the pair. */
  readonly policy: string;
}

/** Bit/s on directions of links. */
export type Load = ReadonlyMap<LinkName, number>;
/** `link from`; names hold no blanks. A name outlives the topologies in which the direction has an index. */
export type LinkName = string;

const NO_LOAD: Load = new Map();
const NO_CHANGE: BandwidthChange = { changed: [], failed: [] };
const NO_PLANS: ReadonlyMap<string, IntentPlan> = new Map();

/** The plans of all intents that reserve bandwidth, made together. Intents that reserve none cost a look when they come. */
export class Bandwidth {
  #memory = new PlanMemory();
  /** Those that reserve, in parts of the documents. */
  readonly #reservingIn = new WeakMap<object, readonly Reserving[]>();
  /** What is admitted before its documents are in force. */
  #ahead:
    | { readonly intents: BandwidthInputs["intents"]; readonly memory: PlanMemory; readonly admission: Admission }
    | undefined;
  #inputs: BandwidthInputs | undefined;
  #reserving: readonly Reserving[] = [];
  #admitted: Admitted | undefined;
  #plans: ReadonlyMap<string, IntentPlan> = NO_PLANS;
  #measured: ReadonlyMap<string, readonly MeasuredPolicy[]> = new Map();

  /** Whether any intent reserves bandwidth. */
  get isUsed(): boolean {
    return this.#plans.size > 0;
  }

  /** The plan of an intent that reserves bandwidth. */
  planOf(intent: string): IntentPlan | undefined {
    return this.#plans.get(intent);
  }

  /** Where bandwidth is reserved. */
  get uses(): readonly LinkUse[] {
    const snapshot = this.#inputs?.snapshot;
    return this.#admitted === undefined || snapshot === undefined ? [] : linkUses(this.#admitted.ledger, snapshot);
  }

  /** What a host's policy is promised; nothing where it reserves none, or was refused. */
  loadOf(host: string, { intent, endpoint, key }: DesiredPolicy): Load {
    const flat = this.#inputs?.snapshot?.flat;
    if (!this.#plans.has(intent)) return NO_LOAD;
    const direction = key === policyKey(intent, endpoint) ? "forward" : "return";
    const promised = this.#admitted?.ledger.bpsOf(wishId(intent, { host, endpoint, direction }));
    if (promised === undefined || flat === undefined) return NO_LOAD;
    const named = Array.from(promised, ([edge, bps]): [LinkName, number] => {
      const { link, from } = directedLinkOf(flat, edge);
      return [`${link} ${from}`, bps];
    });
    return new Map(named);
  }

  /** Policies that ask for bandwidth, and how many of them have it. */
  get counts(): { readonly admitted: number; readonly refused: number } {
    const all = [...this.#plans.values()].flatMap(({ policies }) => policies);
    const admitted = all.filter(({ reservation }) => reservation?.admitted === true).length;
    return { admitted, refused: all.length - admitted };
  }

  /** Policies of a host that reserve what is measured. */
  measuredOn(host: string): readonly MeasuredPolicy[] {
    return this.#measured.get(host) ?? [];
  }

  /** What is reserved for a policy that reserves what is measured; undefined where there is no such policy. */
  measuredMbps(intent: string, policy: string): number | undefined {
    const plan = this.#plans.get(intent);
    if (plan?.intent.reservation?.mbps !== "measured") return undefined;
    return plan.policies.find(({ computed }) => pairName(computed) === policy)?.reservation?.mbps;
  }

  /**
   * Admits documents before they come into force, for so long; false when that is done. The refresh that brings them takes the plans of it that still
   * hold by then.
   */
  prepare(now: BandwidthInputs, budgetMs: number): boolean {
    if (this.#ahead?.intents !== now.intents) {
      const inputs = admissionOf(this.#reservingOf(now.intents), now);
      const memory = new PlanMemory(this.#memory);
      this.#ahead =
        inputs === undefined ? undefined : { intents: now.intents, memory, admission: new Admission(inputs, memory) };
    }
    const startMs = performance.now();
    while (this.#ahead?.admission.step() === true) if (performance.now() - startMs >= budgetMs) return true;
    return false;
  }

  /** Admits everything anew where something has changed. */
  refresh(now: BandwidthInputs): BandwidthChange {
    const before = this.#inputs;
    this.#inputs = now;
    const isSame = before?.snapshot === now.snapshot && before?.lacking === now.lacking;
    const reserving = before?.intents === now.intents ? this.#reserving : this.#reservingOf(now.intents);
    if (isSame && isSameList(reserving, this.#reserving)) return NO_CHANGE;
    this.#reserving = reserving;
    return this.#admit(now);
  }

  #reservingOf(intents: BandwidthInputs["intents"]): Reserving[] {
    return intents.derived((part) => reservingAmong(part.values()), this.#reservingIn).flat();
  }

  #admit(now: BandwidthInputs): BandwidthChange {
    const before = this.#plans;
    if (this.#ahead?.intents === now.intents) {
      this.#memory = this.#ahead.memory;
      this.#ahead = undefined;
    }
    const inputs = admissionOf(this.#reserving, now);
    this.#admitted = inputs && admit(inputs, this.#memory);
    const changed: string[] = [];
    this.#plans = new Map(
      [...(this.#admitted?.plans ?? NO_PLANS)].map(([name, plan]) => {
        const old = before.get(name);
        if (old !== undefined && isSamePlan(old, plan)) return [name, old];
        changed.push(name);
        return [name, plan];
      }),
    );
    this.#measured = measuredByHost(this.#plans.values());
    return { changed: changed.sort(), failed: this.#admitted?.failed ?? [] };
  }
}

/** Undefined where there is nothing to admit. */
function admissionOf(
  reserving: readonly Reserving[],
  { intents: documents, snapshot, lacking }: BandwidthInputs,
): AdmissionInputs | undefined {
  if (reserving.length === 0 || snapshot === undefined) return undefined;
  const measured: Measured = (name, pair) => documents.get(name)?.record.measuredMbps?.[pairName(pair)] ?? 0;
  return { intents: reserving.map(({ intent }) => intent), snapshot, lacking, measured };
}

function measuredByHost(plans: Iterable<IntentPlan>): Map<string, MeasuredPolicy[]> {
  const byHost = new Map<string, MeasuredPolicy[]>();
  for (const { intent, policies } of plans) {
    if (intent.reservation?.mbps !== "measured") continue;
    for (const { computed, entries } of policies) {
      const own = byHost.get(computed.host) ?? [];
      own.push({ key: entries.key, intent: intent.name, policy: pairName(computed) });
      byHost.set(computed.host, own);
    }
  }
  return byHost;
}

function reservingAmong(documents: Iterable<AcceptedIntent>): Reserving[] {
  const reserving: Reserving[] = [];
  for (const { value, record } of documents) {
    if (isReserving(value)) reserving.push({ intent: value, measuredMbps: record.measuredMbps });
  }
  return reserving;
}

function isSameList(a: readonly Reserving[], b: readonly Reserving[]): boolean {
  const isSame = (one: Reserving, other: Reserving | undefined) =>
    one.intent === other?.intent && one.measuredMbps === other.measuredMbps;
  return a.length === b.length && a.every((one, i) => isSame(one, b[i]));
}

function isSamePlan(a: IntentPlan, b: IntentPlan): boolean {
  if (a.intent !== b.intent || a.failure !== b.failure || a.policies.length !== b.policies.length) return false;
  return a.policies.every((policy, i) => isSamePolicy(policy, b.policies[i]));
}

/** Plans from memory share everything but the reservation. */
function isSamePolicy(a: PlannedPolicy, b: PlannedPolicy | undefined): boolean {
  const [old, now] = [a.reservation, b?.reservation];
  return (
    a.entries === b?.entries &&
    old?.mbps === now?.mbps &&
    old?.admitted === now?.admitted &&
    old?.preemptedBy === now?.preemptedBy
  );
}
