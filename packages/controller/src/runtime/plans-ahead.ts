import type { Intent } from "@sextant/model";
import { isReserving } from "../bandwidth/wish";
import { igpRows, PLAIN_KIND } from "../compute/igp-rows";
import type { Catalog } from "../pipeline/catalog";
import { planComputed, type planIntent } from "../pipeline/plan";
import type { PlanInputs, Recomputation } from "../pipeline/recompute";
import { type PackedIntent, unpackIntent } from "../workers/packed-paths";
import type { PathPool } from "../workers/path-pool";
import { bySource } from "./batches";
import { PlanSet } from "./plan-set";

/** Fewer intents are planned on the main thread alone: threads would have to be started for them. */
const LEAST_FOR_THREADS = 1_000;
/** So many intents go to a thread at a time: some milliseconds of work, and some for what comes back. */
const BATCH = 64;
/** While so many answers wait, threads get nothing more to do: this thread is the slower one. They go on while it makes rows. */
const MAX_ANSWERS = 64 * BATCH;
/** With so many intents per node nearly every router is asked about often. */
const INTENTS_PER_NODE = 1 / 2;

/** What plans are made of before their catalog is in force. */
interface AheadInputs extends PlanInputs {
  readonly catalog: Catalog;
}

/** What a thread has made of an intent; undefined: it has to be planned here. */
interface Answer {
  readonly intent: Intent;
  readonly packed: PackedIntent | undefined;
}

/**
 * Plans of a catalog that is not in force yet, made in turns: the one in force, agents and operators are served in between. Where there are many, threads compute
 * paths from one end of the work, and the turns make plans of what comes back, or work from the other end when nothing has. Holds as many as the catalog has
 * intents, until they are taken.
 */
export class PlansAhead {
  readonly plans: PlanSet;
  /** Those from `#next` on, before `#end`, have not been begun. */
  readonly #intents: readonly Intent[];
  #next = 0;
  #end: number;
  /** Nodes from this one on may get rows of next hops ahead of the questions about them: one per step, as one plan alone would need many. */
  #rowless: number;
  /** What threads have answered: at most MAX_ANSWERS and what was under way then. */
  readonly #answers: Answer[] = [];
  readonly #underWay = new Set<Promise<void>>();

  /** `work` is what leads from the plans of `before` to the catalog. */
  constructor(
    readonly inputs: AheadInputs,
    readonly before: PlanInputs,
    readonly work: Recomputation,
    private readonly plan: typeof planIntent,
    private readonly pool?: PathPool,
  ) {
    const { snapshot, intents } = inputs;
    this.plans = new PlanSet(snapshot?.flat);
    // Those that reserve bandwidth are planned together, when the catalog comes into force.
    const asked = work.compute
      .flatMap((name) => intents.get(name)?.value ?? [])
      .filter((intent) => !isReserving(intent));
    this.#intents = snapshot === undefined ? [] : bySource(asked, snapshot.flat);
    this.#end = this.#intents.length;
    const nodes = snapshot?.flat.nodeNames.length ?? 0;
    this.#rowless = this.#intents.length < INTENTS_PER_NODE * nodes ? nodes : 0;
  }

  /** Goes on for so long, at least with one; false when there is nothing left to do. */
  run(budgetMs: number): boolean {
    const startMs = performance.now();
    do {
      this.#handOut();
      if (!this.#step()) break;
    } while (performance.now() - startMs < budgetMs);
    return this.#isUnderWay || this.#hasWork;
  }

  /** Resolves when `run` can go on, after everybody else's turn: at once where there is work for this thread, else when a thread answers. */
  turn(): Promise<unknown> {
    if (this.#hasWork || !this.#isUnderWay) return new Promise((resolve) => setImmediate(resolve));
    return Promise.race(this.#underWay);
  }

  get #hasWork(): boolean {
    return this.#answers.length > 0 || this.#next < this.#end;
  }

  get #isUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  /** Gives threads what they take. */
  #handOut(): void {
    const { pool, inputs } = this;
    const { snapshot } = inputs;
    if (pool === undefined || snapshot === undefined || this.#intents.length < LEAST_FOR_THREADS) return;
    while (pool.hasRoom && this.#end - this.#next > BATCH && this.#answers.length < MAX_ANSWERS) {
      const batch = this.#intents.slice(this.#next, this.#next + BATCH);
      this.#next += batch.length;
      const done = pool.compute(snapshot, batch).then(
        (packed) => this.#answers.push(...batch.map((intent, i) => ({ intent, packed: packed[i] }))),
        // The thread has died, or took too long.
        () => this.#answers.push(...batch.map((intent) => ({ intent, packed: undefined }))),
      );
      const entry: Promise<void> = done.then(() => void this.#underWay.delete(entry));
      this.#underWay.add(entry);
    }
  }

  /** Makes one row or one plan; false when there is none to make at the moment. */
  #step(): boolean {
    if (this.#makeRow()) return true;
    const answer = this.#answers.pop();
    if (answer !== undefined) this.#make(answer.intent, answer.packed);
    else if (this.#next < this.#end) this.#make(this.#intents[--this.#end] as Intent, undefined);
    else return false;
    return true;
  }

  /** False when there is none to make any more. */
  #makeRow(): boolean {
    const flat = this.inputs.snapshot?.flat;
    if (flat === undefined || this.#intents.length === 0) return false;
    while (this.#rowless < flat.nodeNames.length) {
      const node = this.#rowless++;
      if (flat.isHost[node] === 1 || igpRows(flat).has(PLAIN_KIND, node)) continue;
      igpRows(flat).make(PLAIN_KIND, node);
      return true;
    }
    return false;
  }

  #make(intent: Intent, packed: PackedIntent | undefined): void {
    const { snapshot, lacking } = this.inputs;
    if (snapshot === undefined) return;
    try {
      const plan =
        packed === undefined
          ? this.plan(intent, snapshot, lacking)
          : planComputed(intent, unpackIntent(packed, intent, snapshot), snapshot, lacking);
      this.plans.keep(plan, snapshot.unusable);
    } catch {
      // It throws again when its catalog comes into force, and is told of then.
    }
  }
}
