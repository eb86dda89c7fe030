import type { Intent } from "@sextant/model";
import { expectedOf, firstTrees } from "../compute/first-trees";
import { TREE_LANES } from "../compute/tree-lanes";
import { expectTrees } from "../compute/tree-store";
import type { PlanInputs } from "../pipeline/recompute";
import type { TopologySnapshot } from "../topology/snapshot";
import type { PathPool } from "../workers/path-pool";
import { type Answer, HandedOut } from "./handed-out";

/** What is to be done with an intent: it is planned anew, or only if its plan no longer holds. */
type Task = "plan" | "reconsider";

/** Fewer are planned on the main thread before a thread would have answered. */
const LEAST_FOR_THREADS = 8;
/** So many go to a thread at a time, as its trees are made at once: with the two of each thread, the last answers come soon after this thread is done. */
const BATCH = TREE_LANES;
/** So many are put in order of their trees at a time: a change of links need not look at all that is left. */
const MAX_QUEUE = 1_024;

/** What comes next for this thread. */
export type NextLeft =
  | { readonly kind: "plan"; readonly name: string }
  | { readonly kind: "reconsider"; readonly name: string }
  | { readonly kind: "answer"; readonly answer: Answer };

/**
 * Intents that are still to be looked at since something changed, each once. Where many are to be planned anew threads search for those at one end of them, and this
 * thread plans from the other.
 */
export class PlansLeft {
  readonly #reconsider = new Set<string>();
  readonly #plan = new Set<string>();
  /** Some of those to be planned, by the trees that they ask for first: the first are the threads', the last this thread's. */
  #queue: Intent[] = [];
  /** What the queue was put in order for. */
  #snapshot: TopologySnapshot | undefined;
  /** The next ones of this thread, whose trees are expected. */
  #expected: readonly Intent[] = [];
  /** Those that threads have. */
  readonly #out = new Set<string>();
  readonly #handedOut: HandedOut | undefined;

  constructor(pool?: PathPool) {
    this.#handedOut = pool && new HandedOut(pool);
  }

  get size(): number {
    return this.#reconsider.size + this.#plan.size;
  }

  /** Whether it is not known yet of some whether they are to be planned anew. */
  get isReconsidering(): boolean {
    return this.#reconsider.size > 0;
  }

  add(name: string, task: Task): void {
    if (task === "plan") {
      this.#reconsider.delete(name);
      this.#plan.add(name);
    } else if (!this.#plan.has(name)) this.#reconsider.add(name);
  }

  has(name: string): boolean {
    return this.#plan.has(name) || this.#reconsider.has(name);
  }

  delete(name: string): void {
    this.#reconsider.delete(name);
    this.#plan.delete(name);
  }

  clear(): void {
    this.#reconsider.clear();
    this.#plan.clear();
    this.#queue = [];
    this.#expected = [];
    // It would keep a network that is gone.
    this.#snapshot = undefined;
  }

  /** Resolves when something can be done: at once, unless all that is left is with threads. */
  async turn(): Promise<void> {
    const isWaiting = this.#reconsider.size === 0 && [...this.#plan].every((name) => this.#out.has(name));
    if (isWaiting && this.#handedOut?.waiting === 0) await this.#handedOut.next();
  }

  /** Puts some of those to be planned for these inputs in order, where they are so many that threads could take some. `isFor` says of which that is worth while. */
  order(inputs: PlanInputs, isFor: (intent: Intent) => boolean): void {
    const { snapshot, intents } = inputs;
    if (snapshot === undefined || this.#queue.length > BATCH || this.#plan.size < LEAST_FOR_THREADS) return;
    const queue: Intent[] = [];
    let seen = 0;
    for (const name of this.#plan) {
      const intent = this.#out.has(name) ? undefined : intents.get(name)?.value;
      if (intent !== undefined && isFor(intent)) queue.push(intent);
      if (++seen === MAX_QUEUE) break;
    }
    this.#snapshot = snapshot;
    this.#queue = firstTrees(queue, snapshot).flatMap(({ byRoot }) => [...byRoot.values()].flat());
  }

  /** Gives threads what they take of those in order. */
  handOut({ snapshot, lacking, intents }: PlanInputs): void {
    const out = this.#handedOut;
    if (out === undefined || snapshot === undefined || this.#queue.length <= BATCH) return;
    if (!out.isWarmFor(snapshot)) {
      // For those that come later; another network may be planned ahead.
      if (out.isIdle) out.giveRows(snapshot, []);
      return;
    }
    while (out.hasRoom && this.#queue.length > BATCH) {
      const asked = this.#queue
        .splice(0, BATCH)
        .filter((intent) => this.#plan.has(intent.name) && intents.get(intent.name)?.value === intent);
      for (const { name } of asked) this.#out.add(name);
      if (asked.length > 0) out.give({ snapshot, lacking }, asked);
    }
  }

  /** What is to be done next; undefined when the rest is with threads, or nothing is left. `alone`: nothing is left to threads. */
  next({ alone = false } = {}): NextLeft | undefined {
    const [first] = this.#reconsider;
    if (first !== undefined) return { kind: "reconsider", name: first };
    const answer = this.#handedOut?.take();
    if (answer !== undefined) {
      this.#out.delete(answer.intent.name);
      return { kind: "answer", answer };
    }
    for (let last = this.#queue.pop(); last !== undefined; last = this.#queue.pop()) {
      if (!this.#expected.includes(last)) this.#expect([last, ...this.#queue.slice(1 - TREE_LANES).reverse()]);
      if (this.#plan.has(last.name)) return { kind: "plan", name: last.name };
    }
    if (this.#expected.length > 0) this.#expect([]);
    for (const name of this.#plan) if (alone || !this.#out.has(name)) return { kind: "plan", name };
    return undefined;
  }

  #expect(intents: readonly Intent[]): void {
    this.#expected = intents;
    if (this.#snapshot !== undefined) expectTrees(this.#snapshot.flat, expectedOf(intents, this.#snapshot));
  }
}
