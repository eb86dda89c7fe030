import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Intent } from "@sextant/model";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import { igpRows } from "../compute/igp-rows";
import type { LackingFeatures } from "../pipeline/features";
import type { PackedPlans } from "./packed-plans";
import type { PathTask, PathWorkerData } from "./path-worker";

/** The compiled entry point, seen alike from src/ (tests) and dist/. */
const WORKER = join(__dirname, "../../dist/workers/path-worker.js");
/** Each has a copy of the network and trees of its own: some 200 MB with 10,000 nodes. */
const MAX_THREADS = 4;
/** What a thread makes it soon throws away, and nobody waits for its pauses: it may collect seldom, whatever this process was started with. */
const YOUNG_MB = 48;
/** Where a batch takes longer all threads are ended: something is wrong with it or with one of them. */
const BATCH_TIMEOUT_MS = 120_000;
/** Batches per thread that are under way or wait: one each, so that a thread has work when it is done. */
const BATCHES_PER_THREAD = 2;

/** How a pool is made; all have defaults. */
export interface PathPoolOptions {
  /** Default: one less than there are processors, at least one and at most four. */
  readonly threads?: number;
  readonly batchTimeoutMs?: number;
  /** Told why a batch came to nothing though it was wanted: its thread has died, or took too long. */
  readonly onLost?: (reason: unknown) => void;
}

type Threads = Piscina<PathTask, PackedPlans | undefined>;

/**
 * Worker threads that search for plans. They start when there is work, and stay with a copy of one topology until another comes: after a link has failed there is no time to
 * start them. At most two batches per thread are under way: whoever has more asks `hasRoom`. A batch fails when its thread dies or takes too long; the next one has another.
 */
export class PathPool {
  readonly #threads: number;
  readonly #batchTimeoutMs: number;
  readonly #onLost: (reason: unknown) => void;
  #graph: FlatGraph | undefined;
  #pool: Threads | undefined;
  #underWay = 0;
  #isWarm = false;
  #closed = false;

  constructor({ threads, batchTimeoutMs = BATCH_TIMEOUT_MS, onLost = () => undefined }: PathPoolOptions = {}) {
    this.#threads = threads ?? Math.min(MAX_THREADS, Math.max(1, availableParallelism() - 1));
    this.#batchTimeoutMs = batchTimeoutMs;
    this.#onLost = onLost;
  }

  /** Whether it takes another batch now. */
  get hasRoom(): boolean {
    return !this.#closed && this.#underWay < BATCHES_PER_THREAD * this.#threads;
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return !this.#closed && this.#underWay === 0;
  }

  /** Whether threads of this network have answered before: others begin with a copy of it. */
  isWarmFor({ flat }: TopologySnapshot): boolean {
    return this.#isWarm && this.#graph === flat;
  }

  /** The threads that there are at the moment. */
  get threads(): readonly Worker[] {
    return this.#pool?.threads ?? [];
  }

  /**
   * What is to be searched for each intent; `roots` are where the trees of these intents begin, and of those that the thread may get next. Rejects when there is no room, when the batch's thread dies, when a batch takes too long, and when the pool is closed.
   * Another topology ends the threads of the one before.
   */
  async plans(
    snapshot: TopologySnapshot,
    intents: readonly Intent[],
    lacking: LackingFeatures,
    roots: readonly number[] = [],
  ): Promise<PackedPlans> {
    const unusable = [...snapshot.unusable];
    return (await this.#run(snapshot, { kind: "plans", intents, unusable, lacking, roots })) as PackedPlans;
  }

  /** Makes rows of next hops towards nodes, for the graph here too. Rejects as `plans` does. */
  async rows(snapshot: TopologySnapshot, nodes: readonly number[]): Promise<void> {
    await this.#run(snapshot, { kind: "rows", nodes });
  }

  async #run(snapshot: TopologySnapshot, task: PathTask): Promise<PackedPlans | undefined> {
    if (!this.hasRoom) throw new RangeError("no room for another batch");
    const pool = this.#poolFor(snapshot);
    this.#underWay++;
    // With a signal for each, a thread would be given its next batch only when this thread looks at the one before.
    const timeout = setTimeout(() => {
      this.#lose(pool, new Error(`a batch took more than ${this.#batchTimeoutMs} ms`));
    }, this.#batchTimeoutMs);
    try {
      const found = await pool.run(task);
      this.#isWarm = this.#pool === pool;
      return found;
    } catch (error) {
      // Of threads that were ended nobody expects anything.
      if (this.#pool === pool) this.#onLost(error);
      throw error;
    } finally {
      clearTimeout(timeout);
      this.#underWay--;
    }
  }

  /** Ends all threads; what is under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  #poolFor({ topology, flat }: TopologySnapshot): Threads {
    if (this.#pool !== undefined && this.#graph === flat) return this.#pool;
    void this.#end();
    this.#graph = flat;
    const pool: Threads = new Piscina({
      filename: WORKER,
      minThreads: 0,
      maxThreads: this.#threads,
      maxQueue: BATCHES_PER_THREAD * this.#threads,
      concurrentTasksPerWorker: BATCHES_PER_THREAD,
      idleTimeout: Number.POSITIVE_INFINITY,
      // Compiled code needs none of the loaders that this process may have been started with.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      recordTiming: false,
      workerData: { topology, rows: igpRows(flat).buffers } satisfies PathWorkerData,
    });
    this.#pool = pool;
    // A thread that dies before it is ready leaves its work waiting, and nobody takes its place.
    const endIfDeserted = () => {
      if (this.#underWay > 0 && pool.threads.length === 0)
        this.#lose(pool, new Error("a thread died before it was ready"));
    };
    pool.on("workerDestroy", () => setImmediate(endIfDeserted));
    pool.on("error", endIfDeserted);
    return pool;
  }

  /** Ends threads that something is wrong with. */
  #lose(pool: Threads, reason: unknown): void {
    if (this.#pool !== pool) return;
    void this.#end();
    this.#onLost(reason);
  }

  async #end(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    this.#graph = undefined;
    this.#isWarm = false;
    await pool?.destroy();
  }
}
