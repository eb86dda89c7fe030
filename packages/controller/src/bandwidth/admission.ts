import type { Intent } from "@sextant/model";
import { type LinkShares, type Admission as LedgerAnswer, ReservationLedger } from "@sextant/placement";
import { unknownHosts } from "../compute/endpoints";
import { edgesAlong } from "../compute/path-edges";
import { computedPolicy, computePolicy } from "../pipeline/compute";
import type { LackingFeatures } from "../pipeline/features";
import { type IntentPlan, type PlannedPolicy, planPolicy } from "../pipeline/plan";
import { type Room, type TopologySnapshot, withRoom } from "../topology/snapshot";
import { PlanMemory } from "./plan-memory";
import { usedLists } from "./used-lists";
import { isReserving, type Measured, type ReservingIntent, type Wish, wishesOf } from "./wish";

/** A policy that was pre-empted so often in one admission is not placed again: others would wait for ever. */
const MAX_PREEMPTIONS = 8;
/** So many links may turn out too narrow for a path that crosses them more than once. */
const MAX_TRIES = 16;
/** The least part of a reservation that one of several paths is used for: there are at most 32. */
const LEAST_PART = 1 / 32;

/** All that admission depends on: the same inputs give the same answer, whatever was before. */
export interface AdmissionInputs {
  /** Those that reserve nothing are passed over. */
  readonly intents: Iterable<Intent>;
  readonly snapshot: TopologySnapshot;
  readonly lacking: LackingFeatures;
  readonly measured: Measured;
  /** Intents of which it is told what their policies found when they were placed; for explanations. */
  readonly roomsOf?: ReadonlySet<string>;
  /** Most reservations; the ledger's own limit when absent. */
  readonly maxReservations?: number;
}

/** A bug that one intent brought to light. */
export interface PlanFailure {
  readonly intent: string;
  readonly error: unknown;
}

export interface Admitted {
  /** Plans of all intents that reserve bandwidth, by name. */
  readonly plans: ReadonlyMap<string, IntentPlan>;
  /** What is reserved on each edge of the snapshot's graph. */
  readonly ledger: ReservationLedger;
  readonly failed: readonly PlanFailure[];
  /** What the policies that were asked for found, by `wishId`. */
  readonly rooms: ReadonlyMap<string, Room>;
}

/** What became of one wish so far. */
interface State {
  readonly wish: Wish;
  planned: PlannedPolicy | undefined;
  admitted: boolean;
  preemptedBy: string | undefined;
  rounds: number;
  preemptions: number;
  /** How often the ledger had changed when it was refused. */
  refusedAt: number;
}

/**
 * Admits the policies of all intents that reserve bandwidth, as if they came one after the other in their order. Each gets the best path on
 * which its bandwidth is left for its setup priority, and takes there from reservations with worse hold priorities what else is missing; those
 * are then placed anew. Every admission puts a better hold priority in the place of worse ones, so this comes to an end.
 */
export function admit(inputs: AdmissionInputs, memory: PlanMemory = new PlanMemory()): Admitted {
  const admission = new Admission(inputs, memory);
  while (admission.step());
  return admission.result();
}

/** An admission that can be made in turns. */
export class Admission {
  readonly #inputs: AdmissionInputs;
  readonly #memory: PlanMemory;
  readonly #intents: readonly ReservingIntent[];
  readonly #ledger: ReservationLedger;
  readonly #states: readonly State[];
  readonly #rankOf: ReadonlyMap<string, number>;
  readonly #failures = new Map<string, unknown>();
  /** How often the ledger has changed: who was refused may find room then, and is to be told what is left now. */
  #changes = 0;
  readonly #rooms = new Map<string, Room>();
  /** Ranks that wait for their turn; the first in order is the last in the list. */
  #falling: number[];

  constructor(inputs: AdmissionInputs, memory: PlanMemory) {
    this.#inputs = inputs;
    this.#memory = memory;
    this.#intents = [...inputs.intents].filter(isReserving);
    this.#ledger = new ReservationLedger(inputs.snapshot.flat.capacityMbps, inputs.maxReservations);
    const wishes = wishesOf(this.#intents, inputs.snapshot, inputs.measured);
    this.#states = wishes.map((wish) => {
      return {
        wish,
        planned: undefined,
        admitted: false,
        preemptedBy: undefined,
        rounds: 0,
        preemptions: 0,
        refusedAt: 0,
      };
    });
    this.#rankOf = new Map(wishes.map(({ id }, rank) => [id, rank]));
    this.#falling = wishes.map((_, rank) => rank).reverse();
    memory.begin();
  }

  /** Places one policy; false when there is none left to place. */
  step(): boolean {
    if (this.#falling.length === 0) this.#falling = this.#refusedTooSoon().reverse();
    const rank = this.#falling.pop();
    if (rank === undefined) return false;
    const state = this.#states[rank] as State;
    if (this.#failures.has(state.wish.intent.name)) return true;
    for (const victim of this.#tryPlace(state)) insertInOrder(this.#falling, victim);
    return true;
  }

  /** What became of everybody, when no step is left. */
  result(): Admitted {
    return { plans: this.#plans(), ledger: this.#ledger, failed: this.#failed(), rooms: this.#rooms };
  }

  /** Those that were refused before others found or lost a place, in order. */
  #refusedTooSoon(): number[] {
    return this.#states.flatMap(({ wish, planned, refusedAt, preemptions }, rank) => {
      if (this.#failures.has(wish.intent.name)) return [];
      const isRefused = planned?.computed.noPath !== undefined && preemptions <= MAX_PREEMPTIONS;
      return isRefused && refusedAt < this.#changes ? [rank] : [];
    });
  }

  /** One intent's bug must not take the others' plans away. What it held is free again. */
  #tryPlace(state: State): number[] {
    try {
      return this.#place(state);
    } catch (error) {
      const { name } = state.wish.intent;
      this.#failures.set(name, error);
      for (const { wish } of this.#states) {
        if (wish.intent.name === name && this.#ledger.release(wish.id)) this.#changes += 1;
      }
      return [];
    }
  }

  /** Plans a policy and reserves what it needs; returns whom that cost theirs, by rank. */
  #place(state: State): number[] {
    const narrow = new Set<number>();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const planned = this.#plan(state, narrow);
      const along = sharesAlong(this.#inputs.snapshot, planned);
      state.planned = planned;
      state.admitted = false;
      state.refusedAt = this.#changes;
      if (along.links.length === 0) return [];
      const answer = this.#reserve(state.wish, along);
      if (answer.kind === "no_bandwidth") {
        narrow.add(answer.link);
        continue;
      }
      if (answer.kind !== "admitted") {
        const why =
          answer.kind === "full" ? `there are ${this.#ledger.size} reservations, the most there can be` : answer.reason;
        state.planned = this.#refusal(state.wish, why);
        return [];
      }
      state.admitted = true;
      this.#changes += 1;
      return answer.preempted.map(({ id }) => this.#lose(id, state.wish));
    }
    state.planned = this.#refusal(state.wish, `no path found in ${MAX_TRIES} tries that has room for all of it`);
    return [];
  }

  #plan(state: State, narrow: ReadonlySet<number>): PlannedPolicy {
    const { wish } = state;
    const { snapshot, lacking } = this.#inputs;
    if (state.preemptions > MAX_PREEMPTIONS) {
      return this.#refusal(wish, `pre-empted ${state.preemptions} times while others were placed`);
    }
    const { room, left } = this.#roomFor(wish, narrow);
    if (this.#inputs.roomsOf?.has(wish.intent.name) === true) this.#rooms.set(wish.id, frozen(room, snapshot));
    const narrowed = withRoom(snapshot, room);
    const round = state.rounds++;
    return this.#memory.take(wish, round, { snapshot: narrowed, left, lacking }, () =>
      planPolicy(wish.intent, computePolicy(wish.intent, narrowed, wish.pair), narrowed, lacking),
    );
  }

  /** Of several paths each needs room for a part that is worth it; how much goes where is computed with them. */
  #roomFor({ mbps, intent }: Wish, narrow: ReadonlySet<number>): { room: Room; left: ReadonlyMap<number, number> } {
    const { setupPriority } = intent.reservation;
    const leftMbps = (edge: number) => this.#ledger.leftMbps(edge, setupPriority);
    const part = intent.multipath.paths > 1 ? LEAST_PART : 1;
    const lacking = this.#ledger.linksWithout(mbps * part, setupPriority);
    const left = new Map([...lacking, ...narrow].map((edge) => [edge, leftMbps(edge)]));
    return { room: { mbps, setupPriority, full: new Set(left.keys()), leftMbps }, left };
  }

  #reserve({ id, mbps, intent }: Wish, along: LinkShares): LedgerAnswer {
    const { setupPriority, holdPriority } = intent.reservation;
    return this.#ledger.admit({ id, mbps, along, setupPriority, holdPriority });
  }

  #lose(id: string, to: Wish): number {
    const rank = this.#rankOf.get(id) ?? -1;
    const state = this.#states[rank] as State;
    this.#changes += 1;
    state.admitted = false;
    state.planned = undefined;
    state.preemptions += 1;
    state.preemptedBy = to.intent.name;
    return rank;
  }

  #refusal({ intent, pair, mbps }: Wish, why: string): PlannedPolicy {
    const noPath = { reason: "Reservation", message: `needs ${mbps} Mbit/s: ${why}`, relaxations: [] } as const;
    const { snapshot, lacking } = this.#inputs;
    return planPolicy(
      intent,
      computedPolicy(pair, { candidates: [], noPath, protection: undefined }),
      snapshot,
      lacking,
    );
  }

  #plans(): ReadonlyMap<string, IntentPlan> {
    const policies = new Map<string, PlannedPolicy[]>(this.#intents.map(({ name }) => [name, []]));
    for (const state of this.#states) policies.get(state.wish.intent.name)?.push(policyOf(state));
    return new Map(this.#intents.map((intent) => [intent.name, this.#planOf(intent, policies.get(intent.name) ?? [])]));
  }

  #planOf(intent: ReservingIntent, policies: readonly PlannedPolicy[]): IntentPlan {
    if (!this.#failures.has(intent.name)) {
      return { intent, policies, unknownSources: unknownHosts(intent.from.hosts, this.#inputs.snapshot) };
    }
    const error = this.#failures.get(intent.name);
    const failure = error instanceof Error ? error.message : String(error);
    return { intent, policies: [], unknownSources: [], failure };
  }

  #failed(): PlanFailure[] {
    return [...this.#failures].map(([intent, error]) => ({ intent, error }));
  }
}

function policyOf({ wish, planned, admitted, preemptedBy }: State): PlannedPolicy {
  const { setupPriority, holdPriority } = wish.intent.reservation;
  const reservation = { mbps: wish.mbps, setupPriority, holdPriority, admitted };
  return {
    // Whoever loses its place is placed again; whoever failed is not asked for.
    ...(planned as PlannedPolicy),
    reservation: preemptedBy === undefined ? reservation : { ...reservation, preemptedBy },
  };
}

/** What the first candidate that fits a header puts on each edge, per unit; backups reserve nothing. */
function sharesAlong({ flat }: TopologySnapshot, planned: PlannedPolicy): LinkShares {
  const used = usedLists(planned);
  const total = used.reduce((sum, { path }) => sum + path.weight, 0);
  const weights = new Map<number, number>();
  for (const { path } of used) {
    for (const edge of edgesAlong(flat, path)) weights.set(edge, (weights.get(edge) ?? 0) + path.weight);
  }
  return {
    links: Int32Array.from(weights.keys()),
    shares: Float64Array.from(weights.values(), (weight) => weight / total),
  };
}

/** The room as it is now. */
function frozen(room: Room, { flat }: TopologySnapshot): Room {
  const left = Float64Array.from(flat.edgeFrom, (_, edge) => room.leftMbps(edge));
  return { ...room, leftMbps: (edge) => left[edge] ?? 0 };
}

/** Into a list that falls, so that the smallest is the last. */
function insertInOrder(falling: number[], rank: number): void {
  const at = falling.findIndex((other) => other < rank);
  falling.splice(at < 0 ? falling.length : at, 0, rank);
}
