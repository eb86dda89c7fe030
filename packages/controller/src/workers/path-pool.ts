import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Intent, Topology } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { adoptIgpRows, igpRows, type RowBuffers, rowBuffers } from "../compute/igp-rows";
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

/** Threads of one topology. */
interface Network {
  readonly topology: Topology;
  readonly threads: Threads;
  /** Rows of next hops, which they share with this thread. */
  readonly rows: RowBuffers;
}

/**
 * Worker threads that search for plans. They start when there is work, and stay with a copy of one topology until another comes: after a link has failed there is no time to
 * start them. At most two batches per thread are under way: whoever has more asks `hasRoom`. A batch fails when its thread dies or takes too long; the next one has another.
 */
export class PathPool {
  readonly #threads: number;
  readonly #batchTimeoutMs: number;
  readonly #onLost: (reason: unknown) => void;
  #network: Network | undefined;
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
  isWarmFor({ topology }: TopologySnapshot): boolean {
    return this.#isWarm && this.#network?.topology === topology;
  }

  /** The threads that there are at the moment. */
  get threads(): readonly Worker[] {
    return this.#network?.threads.threads ?? [];
  }

  /**
   * What is to be searched for each intent; `roots` are where the trees of these intents begin, and of those that the thread may get next; none: it expects what these ask for first. Rejects when there is no room, when the batch's thread dies, when a batch takes too long, and when the pool is closed.
   * Another topology ends the threads of the one before.
   */
  async plans(
    snapshot: TopologySnapshot,
    intents: readonly Intent[],
    lacking: LackingFeatures,
    roots: readonly number[] = [],
  ): Promise<PackedPlans> {
    const unusable = [...snapshot.unusable];
    return (await this.#runIn(snapshot, { kind: "plans", intents, unusable, lacking, roots })) as PackedPlans;
  }

  /** Makes rows of next hops towards nodes, for the graph here too. Rejects as `plans` does. */
  async rows(snapshot: TopologySnapshot, nodes: readonly number[]): Promise<void> {
    await this.#runIn(snapshot, { kind: "rows", nodes });
  }

  /** Starts threads for a topology that there will be much work for, where none is under way: they take as long to begin as it takes to make its snapshot. */
  begin(topology: Topology): void {
    if (!this.isIdle || this.#network?.topology === topology) return;
    const network = this.#networkOf(topology, () => rowBuffers(topology.nodes.length, topology.algorithms.length));
    for (let i = 0; i < this.#threads; i++) void this.#run(network, { kind: "rows", nodes: [] }).catch(() => undefined);
  }

  async #runIn({ topology, flat }: TopologySnapshot, task: PathTask): Promise<PackedPlans | undefined> {
    if (!this.hasRoom) throw new RangeError("no room for another batch");
    const network = this.#networkOf(topology, () => igpRows(flat).buffers);
    adoptIgpRows(flat, network.rows);
    return this.#run(network, task);
  }

  async #run(network: Network, task: PathTask): Promise<PackedPlans | undefined> {
    this.#underWay++;
    // With a signal for each, a thread would be given its next batch only when this thread looks at the one before.
    const timeout = setTimeout(() => {
      this.#lose(network, new Error(`a batch took more than ${this.#batchTimeoutMs} ms`));
    }, this.#batchTimeoutMs);
    try {
      const found = await network.threads.run(task);
      this.#isWarm = this.#network === network;
      return found;
    } catch (error) {
      // Of threads that were ended nobody expects anything.
      if (this.#network === network) this.#onLost(error);
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

  #networkOf(topology: Topology, buffers: () => RowBuffers): Network {
    if (this.#network?.topology === topology) return this.#network;
    void this.#end();
    const rows = buffers();
    const threads: Threads = new Piscina({
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
      workerData: { topology, rows } satisfies PathWorkerData,
    });
    const network = { topology, threads, rows };
    this.#network = network;
    // A thread that dies before it is ready leaves its work waiting, and nobody takes its place.
    const endIfDeserted = () => {
      if (this.#underWay > 0 && threads.threads.length === 0)
        this.#lose(network, new Error("a thread died before it was ready"));
    };
    threads.on("workerDestroy", () => setImmediate(endIfDeserted));
    threads.on("error", endIfDeserted);
    return network;
  }

  /** Ends threads that something is wrong with. */
  #lose(network: Network, reason: unknown): void {
    if (this.#network !== network) return;
    void this.#end();
    this.#onLost(reason);
  }

  async #end(): Promise<void> {
    const network = this.#network;
    this.#network = undefined;
    this.#isWarm = false;
    await network?.threads.destroy();
  }
}
