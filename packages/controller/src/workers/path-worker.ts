// The entry point of a worker thread: stage compute for intents, in a network that the thread keeps.
import { workerData } from "node:worker_threads";
import type { Intent, Topology } from "@sextant/model";
import { compute } from "../pipeline/compute";
import { createSnapshot } from "../topology/snapshot";
import { type PackedIntent, packIntent } from "./packed-paths";

/** What a thread is begun with. */
export interface PathWorkerData {
  readonly topology: Topology;
}

/** One batch of work. */
export interface PathTask {
  readonly intents: readonly Intent[];
  /** Edges of the snapshot that health says not to use. */
  readonly unusable: readonly number[];
}

const { topology } = workerData as PathWorkerData;
const network = createSnapshot(topology, 0);
let unusable: readonly number[] = [];
let snapshot = network;

/** What stage compute makes of each; undefined where it throws: who asked finds out why. */
export default function computeBatch(task: PathTask): (PackedIntent | undefined)[] {
  if (task.unusable.join() !== unusable.join()) {
    ({ unusable } = task);
    snapshot = { ...network, unusable: new Set(unusable) };
  }
  return task.intents.map((intent) => {
    try {
      return packIntent(compute(intent, snapshot), snapshot);
    } catch {
      return undefined;
    }
  });
}
