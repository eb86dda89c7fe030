import type { Intent } from "@sextant/model";
import { isReserving } from "../bandwidth/wish";
import { igpRows, PLAIN_KIND } from "../compute/igp-rows";
import { ROW_LANES } from "../compute/row-lanes";
import { expectTrees } from "../compute/tree-store";
import type { Catalog } from "../pipeline/catalog";
import type { IntentPlan, planIntent } from "../pipeline/plan";
import type { PlanInputs, Recomputation } from "../pipeline/recompute";
import type { FlatGraph } from "../topology/flat-graph";
import { goOn } from "../topology/steps";
import type { PathPool } from "../workers/path-pool";
import { HandedOut } from "./handed-out";
import { PlanSet } from "./plan-set";
import { SourceOrder } from "./source-order";

/** Fewer intents are planned on the main thread alone: threads would have to be started for them. */
export const LEAST_FOR_THREADS = 1_000;
/** So many intents go to a thread at a time: some milliseconds of work. */
const BATCH = 64;
/** And so many rows. */
const ROWS_BATCH = 128;
/** While so many answers wait, threads get nothing more to do: this thread is the slower one. */
const MAX_ANSWERS = 64 * BATCH;
/** With so many intents per node nearly every router is asked about often. */
const INTENTS_PER_NODE = 1 / 2;

/** What plans are made of before their catalog is in force. */
interface AheadInputs extends PlanInputs {
  readonly catalog: Catalog;
}

/**
 * Plans of a catalog that is not in force yet, made in turns: the one in force, agents and operators are served in between. Where there are many, threads search
 * from one end of the work, and the turns make plans of what comes back, or work from the other end when nothing has. Holds as many as the catalog has
 * intents, until they are taken.
 */
export class PlansAhead {
  readonly plans: PlanSet;
  /** Those from `#next` on, before `#end`, have not been begun. */
  #order: SourceOrder | undefined;
  #next = 0;
  #end = 0;
  /** Nodes that may get rows of next hops ahead of the questions about them: one per step, as one plan alone would need many. */
  #rowless: number[] = [];
  /** The root of the last intent that this thread planned. */
  #rootPlace: number | undefined;
  /** Threads' part of it. */
  #handedOut: HandedOut | undefined;
  /** What is done before the first plan. */
  readonly #beginning = this.#begin();

  /** `work` is what leads from the plans of `before` to the catalog. */
  constructor(
    readonly inputs: AheadInputs,
    readonly before: PlanInputs,
    readonly work: Recomputation,
    private readonly plan: typeof planIntent,
    private readonly pool?: PathPool,
  ) {
    this.plans = new PlanSet(inputs.snapshot?.flat);
  }

  /** Goes on for so long, at least with one; false when there is nothing left to do. */
  run(budgetMs: number): boolean {
    const startMs = performance.now();
    if (!goOn(this.#beginning, budgetMs)) return true;
    do {
      this.#handOut();
      if (!this.#step()) break;
    } while (performance.now() - startMs < budgetMs);
    if (this.#isUnderWay || this.#hasWork) return true;
    if (this.inputs.snapshot !== undefined) expectTrees(this.inputs.snapshot.flat, []);
    return false;
  }

  /** Resolves when `run` can go on, after everybody else's turn: at once where there is work for this thread, else when a thread answers. */
  turn(): Promise<unknown> {
    if (this.#hasWork || !this.#isUnderWay) return new Promise((resolve) => setImmediate(resolve));
    return this.#handedOut?.next() ?? Promise.resolve();
  }

  get #hasWork(): boolean {
    return this.#rowless.length > 0 || this.#next < this.#end || (this.#handedOut?.waiting ?? 0) > 0;
  }

  get #isUnderWay(): boolean {
    return this.#handedOut?.isUnderWay === true;
  }

  *#begin(): Generator<void> {
    const { snapshot } = this.inputs;
    if (snapshot === undefined) return;
    const order = yield* SourceOrder.inSteps(this.#asked(), snapshot.flat);
    this.#order = order;
    this.#end = order.intents.length;
    yield;
    this.#rowless = rowlessNodes(snapshot.flat, this.#end);
    if (this.pool !== undefined && this.#end >= LEAST_FOR_THREADS) this.#handedOut = new HandedOut(this.pool);
  }

  /** Without those that reserve bandwidth: they are planned together, when the catalog comes into force. */
  *#asked(): Generator<Intent> {
    for (const name of this.work.compute) {
      const intent = this.inputs.intents.get(name)?.value;
      if (intent !== undefined && !isReserving(intent)) yield intent;
    }
  }

  /** Gives threads what they take: rows first. */
  #handOut(): void {
    const out = this.#handedOut;
    const order = this.#order;
    const { snapshot, lacking } = this.inputs;
    if (out === undefined || order === undefined || snapshot === undefined) return;
    while (out.hasRoom && this.#rowless.length > ROWS_BATCH) out.giveRows(snapshot, this.#rowless.splice(-ROWS_BATCH));
    while (out.hasRoom && this.#end - this.#next > BATCH && out.waiting < MAX_ANSWERS) {
      const roots = order.rootsAhead(order.rootPlace(this.#next), 1);
      out.give({ snapshot, lacking }, order.intents.slice(this.#next, this.#next + BATCH), roots);
      this.#next += BATCH;
    }
  }

  /** Makes some rows or one plan; false when there is none to make at the moment. */
  #step(): boolean {
    const { snapshot } = this.inputs;
    if (snapshot === undefined) return false;
    const nodes = this.#rowless.splice(-ROW_LANES);
    if (nodes.length > 0) igpRows(snapshot.flat).make(PLAIN_KIND, nodes);
    else if ((this.#handedOut?.waiting ?? 0) > 0) this.#take();
    else if (this.#order !== undefined && this.#next < this.#end) this.#planLast(this.#order, snapshot.flat);
    else return false;
    return true;
  }

  #planLast(order: SourceOrder, graph: FlatGraph): void {
    const last = --this.#end;
    const rootPlace = order.rootPlace(last);
    if (rootPlace !== this.#rootPlace) expectTrees(graph, [{ roots: order.rootsAhead(rootPlace, -1) }]);
    this.#rootPlace = rootPlace;
    this.#plan(order.intents[last] as Intent);
  }

  /** Makes a plan of what a thread has found. */
  #take(): void {
    const { intent, plan } = this.#handedOut?.take() ?? {};
    if (plan !== undefined) this.#keep(plan);
    else if (intent !== undefined) this.#plan(intent);
  }

  #plan(intent: Intent): void {
    const { snapshot, lacking } = this.inputs;
    try {
      if (snapshot !== undefined) this.#keep(this.plan(intent, snapshot, lacking));
    } catch {
      // It throws again when its catalog comes into force, and is told of then.
    }
  }

  #keep(plan: IntentPlan): void {
    if (this.inputs.snapshot !== undefined) this.plans.keep(plan, this.inputs.snapshot.unusable);
  }
}

/** Nodes that many intents will ask about and that have no row. */
function rowlessNodes(graph: FlatGraph, intents: number): number[] {
  if (intents === 0 || intents < INTENTS_PER_NODE * graph.nodeNames.length) return [];
  const rows = igpRows(graph);
  return [...graph.isHost.keys()].filter((node) => graph.isHost[node] === 0 && !rows.has(PLAIN_KIND, node));
}
