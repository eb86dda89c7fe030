import { fork } from "node:child_process";
import { join } from "node:path";

/** How large a network and how many intents. */
export interface ScaleSize {
  readonly routers: number;
  readonly hosts: number;
  readonly chords: number;
  readonly intents: number;
  /** Links that fail, one after the other; and as many documents change. */
  readonly failures: number;
}

/** What a controller of that size took. */
export interface ScaleResult {
  readonly fullComputeSeconds: number;
  /** Keys, hashes and entries of all hosts, on one thread. */
  readonly entriesSeconds: number;
  readonly trials: readonly { readonly ms: number; readonly affected: number; readonly mendMs: number }[];
  readonly changeMs: readonly number[];
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** The most that it had resident at any time. */
  readonly rssMb: number;
  readonly protectedIntents: number;
  readonly others: number;
}

/** As the controller is started. */
const FLAGS = ["--no-parallel-scavenge", "--max-semi-space-size=8"];

/** Measures in a process of its own, which says on standard error how far it is. Rejects when it ends without a result. */
export function measureScale(size: ScaleSize): Promise<ScaleResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, "scale.ts"), { execArgv: [...process.execArgv, ...FLAGS] });
    child.once("message", (result) => {
      resolve(result as ScaleResult);
      child.disconnect();
    });
    child.once("exit", (code) => reject(new Error(`the measuring process ended with status ${code}`)));
    child.send(size);
  });
}
