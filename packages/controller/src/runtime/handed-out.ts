import type { Intent } from "@sextant/model";
import type { LackingFeatures } from "../pipeline/features";
import type { IntentPlan } from "../pipeline/plan";
import type { TopologySnapshot } from "../topology/snapshot";
import { type PackedPlans, unpackPlan } from "../workers/packed-plans";
import type { PathPool } from "../workers/path-pool";

/** What plans are searched for. */
interface Question {
  readonly snapshot: TopologySnapshot;
  readonly lacking: LackingFeatures;
}

/** A plan that a thread has searched for; undefined: it has to be made here. */
export interface Answer extends Question {
  readonly intent: Intent;
  readonly plan: IntentPlan | undefined;
}

interface PackedAnswer extends Question {
  readonly intent: Intent;
  /** Undefined: the thread has died, or took too long. */
  readonly packed: PackedPlans | undefined;
  readonly place: number;
}

/** What threads do for plans: batches go out, and answers wait until this thread makes plans of them. */
export class HandedOut {
  readonly #answers: PackedAnswer[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(private readonly pool: PathPool) {}

  /** Whether threads take another batch now. */
  get hasRoom(): boolean {
    return this.pool.hasRoom;
  }

  /** Whether threads of this network have answered before: others begin with a copy of it. */
  isWarmFor(snapshot: TopologySnapshot): boolean {
    return this.pool.isWarmFor(snapshot);
  }

  /** Whether threads have nothing to do at all. */
  get isIdle(): boolean {
    return this.pool.isIdle;
  }

  /** Answers that wait. */
  get waiting(): number {
    return this.#answers.length;
  }

  get isUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  /** Resolves when something that is under way has come back; at once where nothing is. */
  async next(): Promise<void> {
    if (this.isUnderWay) await Promise.race(this.#underWay);
  }

  /** Has searched what plans of these intents need. There must be room. `roots`: see `PathPool.plans`. */
  give({ snapshot, lacking }: Question, intents: readonly Intent[], roots: readonly number[] = []): void {
    const answer = (packed: PackedPlans | undefined) =>
      void this.#answers.push(...intents.map((intent, place) => ({ intent, packed, place, snapshot, lacking })));
    this.#follow(this.pool.plans(snapshot, intents, lacking, roots).then(answer, () => answer(undefined)));
  }

  /** Has rows of next hops made. There must be room. */
  giveRows(snapshot: TopologySnapshot, nodes: readonly number[]): void {
    // Who asks about a node without a row is answered without.
    this.#follow(this.pool.rows(snapshot, nodes).catch(() => undefined));
  }

  /** Takes an answer; undefined when none waits. */
  take(): Answer | undefined {
    const answer = this.#answers.pop();
    if (answer === undefined) return undefined;
    const { intent, snapshot, lacking } = answer;
    return { intent, snapshot, lacking, plan: planOf(answer) };
  }

  #follow(done: Promise<void>): void {
    const entry: Promise<void> = done.then(() => void this.#underWay.delete(entry));
    this.#underWay.add(entry);
  }
}

function planOf({ intent, packed, place, snapshot, lacking }: PackedAnswer): IntentPlan | undefined {
  try {
    return packed && unpackPlan(packed, place, intent, snapshot, lacking);
  } catch {
    // Whoever plans it anew finds out why.
    return undefined;
  }
}
