import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Intent, Topology } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import type { PackedIntent } from "./packed-paths";
import type { PathTask, PathWorkerData } from "./path-worker";

/** The compiled entry point, seen alike from src/ (tests) and dist/. */
const WORKER = join(__dirname, "../../dist/workers/path-worker.js");
/** A thread without work ends after so long, and gives its memory back. */
const IDLE_MS = 10_000;
/** A batch that takes longer is given up with its thread: something is wrong with either. */
const BATCH_TIMEOUT_MS = 120_000;
/** Batches per thread that are under way or wait: one each, so that a thread has work when it is done. */
const BATCHES_PER_THREAD = 2;

/** How a pool is made; all have defaults. */
export interface PathPoolOptions {
  /** Default: one less than there are processors, at least one. */
  readonly threads?: number;
  readonly idleMs?: number;
  readonly batchTimeoutMs?: number;
}

/**
 * Worker threads for stage compute. They start when there is work, keep a copy of one topology, and end when they are idle. At most two batches per thread are under
 * way: whoever has more asks `hasRoom`. A batch fails when its thread dies or takes too long; the next one has another.
 */
export class PathPool {
  readonly #threads: number;
  readonly #idleMs: number;
  readonly #batchTimeoutMs: number;
  #topology: Topology | undefined;
  #pool: Piscina<PathTask, (PackedIntent | undefined)[]> | undefined;
  #underWay = 0;
  #closed = false;

  constructor({ threads, idleMs = IDLE_MS, batchTimeoutMs = BATCH_TIMEOUT_MS }: PathPoolOptions = {}) {
    this.#threads = threads ?? Math.max(1, availableParallelism() - 1);
    this.#idleMs = idleMs;
    this.#batchTimeoutMs = batchTimeoutMs;
  }

  /** Whether it takes another batch now. */
  get hasRoom(): boolean {
    return !this.#closed && this.#underWay < BATCHES_PER_THREAD * this.#threads;
  }

  /** The threads that there are at the moment. */
  get threads(): readonly Worker[] {
    return this.#pool?.threads ?? [];
  }

  /**
   * What stage compute makes of each intent; undefined where it throws. Rejects when there is no room, when the batch's thread dies or takes too long, and when the
   * pool is closed. Another topology ends the threads of the one before.
   */
  async compute(snapshot: TopologySnapshot, intents: readonly Intent[]): Promise<(PackedIntent | undefined)[]> {
    if (!this.hasRoom) throw new RangeError("no room for another batch");
    const pool = this.#poolFor(snapshot.topology);
    this.#underWay++;
    try {
      const signal = AbortSignal.timeout(this.#batchTimeoutMs);
      return await pool.run({ intents, unusable: [...snapshot.unusable] }, { signal });
    } finally {
      this.#underWay--;
    }
  }

  /** Ends all threads; what is under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  #poolFor(topology: Topology): Piscina<PathTask, (PackedIntent | undefined)[]> {
    if (this.#pool !== undefined && this.#topology === topology) return this.#pool;
    void this.#end();
    this.#topology = topology;
    const pool = new Piscina<PathTask, (PackedIntent | undefined)[]>({
      filename: WORKER,
      minThreads: 0,
      maxThreads: this.#threads,
      maxQueue: BATCHES_PER_THREAD * this.#threads,
      idleTimeout: this.#idleMs,
      // Compiled code needs none of the loaders that this process may have been started with.
      execArgv: [],
      recordTiming: false,
      workerData: { topology } satisfies PathWorkerData,
    });
    this.#pool = pool;
    // A thread that dies before it is ready leaves its work waiting, and nobody takes its place.
    const endIfDeserted = () => {
      if (this.#pool === pool && this.#underWay > 0 && pool.threads.length === 0) void this.#end();
    };
    pool.on("workerDestroy", () => setImmediate(endIfDeserted));
    pool.on("error", endIfDeserted);
    return pool;
  }

  async #end(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    this.#topology = undefined;
    await pool?.destroy();
  }
}
