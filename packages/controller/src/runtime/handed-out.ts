import type { Intent } from "@sextant/model";
import type { LackingFeatures } from "../pipeline/features";
import type { IntentPlan } from "../pipeline/plan";
import type { TopologySnapshot } from "../topology/snapshot";
import { type PackedPlans, unpackPlan } from "../workers/packed-plans";
import type { PathPool } from "../workers/path-pool";

/** An intent that threads are done with. */
interface Answer {
  readonly intent: Intent;
  /** Undefined: the thread has died, or took too long. */
  readonly packed: PackedPlans | undefined;
  readonly place: number;
}

/** What threads do for plans of one snapshot: batches go out, and answers wait until this thread makes plans of them. */
export class HandedOut {
  readonly #answers: Answer[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    private readonly pool: PathPool,
    private readonly snapshot: TopologySnapshot,
    private readonly lacking: LackingFeatures,
  ) {}

  /** Whether threads take another batch now. */
  get hasRoom(): boolean {
    return this.pool.hasRoom;
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

  /** Has searched what plans of these intents need. There must be room. */
  give(intents: readonly Intent[]): void {
    const answer = (packed: PackedPlans | undefined) =>
      void this.#answers.push(...intents.map((intent, place) => ({ intent, packed, place })));
    this.#follow(this.pool.plans(this.snapshot, intents, this.lacking).then(answer, () => answer(undefined)));
  }

  /** Has rows of next hops made. There must be room. */
  giveRows(nodes: readonly number[]): void {
    // Who asks about a node without a row is answered without.
    this.#follow(this.pool.rows(this.snapshot, nodes).catch(() => undefined));
  }

  /** Takes an answer: an intent, and its plan where a thread has searched for it. Undefined when none waits. */
  take(): { readonly intent: Intent; readonly plan: IntentPlan | undefined } | undefined {
    const answer = this.#answers.pop();
    return answer && { intent: answer.intent, plan: this.#planOf(answer) };
  }

  #planOf({ intent, packed, place }: Answer): IntentPlan | undefined {
    try {
      return packed && unpackPlan(packed, place, intent, this.snapshot, this.lacking);
    } catch {
      // Whoever plans it anew finds out why.
      return undefined;
    }
  }

  #follow(done: Promise<void>): void {
    const entry: Promise<void> = done.then(() => void this.#underWay.delete(entry));
    this.#underWay.add(entry);
  }
}
