// The entry point of a worker thread: what is to be searched for intents, in a network that the thread keeps.
import { workerData } from "node:worker_threads";
import type { Intent, Topology } from "@sextant/model";
import { adoptIgpRows, igpRows, PLAIN_KIND, type RowBuffers } from "../compute/igp-rows";
import { expectedOf } from "../compute/first-trees";
import { expectTrees } from "../compute/tree-store";
import type { LackingFeatures } from "../pipeline/features";
import { createSnapshot, withUnusableEdges } from "../topology/snapshot";
import { type PackedPlans, packPlans } from "./packed-plans";

/** What a thread is begun with. */
export interface PathWorkerData {
  readonly topology: Topology;
  /** Rows of next hops, which all threads share. */
  readonly rows: RowBuffers;
}

/** One batch of work. */
export type PathTask =
  | {
      readonly kind: "plans";
      readonly intents: readonly Intent[];
      /** Edges of the snapshot that health says not to use. */
      readonly unusable: readonly number[];
      readonly lacking: LackingFeatures;
      /** Where trees of each kind begin that will be asked for; empty: those that these intents ask for first. */
      readonly roots: readonly number[];
    }
  /** Rows towards these nodes, for everybody. */
  | { readonly kind: "rows"; readonly nodes: readonly number[] };

const { topology, rows } = workerData as PathWorkerData;
const network = createSnapshot(topology, 0);
adoptIgpRows(network.flat, rows);
let unusable: readonly number[] = [];
let snapshot = network;

/** Undefined where nothing is to be handed back. */
export default function work(task: PathTask): PackedPlans | undefined {
  if (task.kind === "rows") {
    igpRows(network.flat).make(PLAIN_KIND, task.nodes);
    return undefined;
  }
  if (task.unusable.join() !== unusable.join()) {
    ({ unusable } = task);
    snapshot = withUnusableEdges(network, new Set(unusable));
  }
  expectTrees(network.flat, task.roots.length > 0 ? [{ roots: task.roots }] : expectedOf(task.intents, snapshot));
  return packPlans(task.intents, snapshot, task.lacking);
}
