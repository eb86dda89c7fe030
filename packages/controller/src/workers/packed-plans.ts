import type { Intent } from "@sextant/model";
import type { NoPath } from "../compute/no-path";
import { compute } from "../pipeline/compute";
import type { LackingFeatures } from "../pipeline/features";
import { encodePolicy, type IntentPlan, planComputed } from "../pipeline/plan";
import { SEARCHING, type Searches } from "../pipeline/searches";
import type { TopologySnapshot } from "../topology/snapshot";
import { NumberReader, NumberWriter } from "./number-stream";
import { readComputed, writeComputed } from "./packed-computed";
import { readSteps, writeSteps } from "./packed-steps";

/**
 * What searching has found for a batch of intents, small enough to be handed from thread to thread: nodes, links and edges are numbers, which are the same in every
 * snapshot of one topology, and names stay where they are.
 */
export interface PackedPlans {
  readonly numbers: Int32Array;
  /** Where each intent's numbers begin; -1 where a stage throws: who asked finds out why. */
  readonly starts: readonly number[];
  /** What few intents have, in the order in which it is read: why there is no path, or no backup. */
  readonly reasons: readonly (readonly NoPath[])[];
}

/** Stages compute and encode for each intent; what they searched is kept, what they put together is not. */
export function packPlans(
  intents: readonly Intent[],
  snapshot: TopologySnapshot,
  lacking: LackingFeatures,
): PackedPlans {
  const writer = new NumberWriter();
  const starts: number[] = [];
  const reasons: NoPath[][] = [];
  for (const intent of intents) {
    const start = writer.length;
    try {
      reasons.push(packPlan(writer, intent, snapshot, lacking));
      starts.push(start);
    } catch {
      writer.cut(start);
      reasons.push([]);
      starts.push(-1);
    }
  }
  return { numbers: writer.numbers(), starts, reasons };
}

function packPlan(writer: NumberWriter, intent: Intent, snapshot: TopologySnapshot, lacking: LackingFeatures) {
  const computed = compute(intent, snapshot);
  const reasons = writeComputed(writer, computed, snapshot);
  const searches = recording(writer);
  for (const policy of computed.policies) encodePolicy(intent, policy, snapshot, lacking, searches);
  return reasons;
}

/** Searches, and writes down what was found. */
function recording(writer: NumberWriter): Searches {
  return {
    steps: (graph, edges, rules) => {
      const steps = SEARCHING.steps(graph, edges, rules);
      writeSteps(writer, steps, rules.spans);
      return steps;
    },
    wayBack: (graph, out) => {
      const way = SEARCHING.wayBack(graph, out);
      writer.putList(way ?? []);
      return way;
    },
  };
}

/**
 * The plan of one intent of a batch, the same as `planIntent` makes of the same intent, snapshot and features; undefined where that throws. Throws RangeError when they
 * are others.
 */
export function unpackPlan(
  { numbers, starts, reasons }: PackedPlans,
  place: number,
  intent: Intent,
  snapshot: TopologySnapshot,
  lacking: LackingFeatures,
): IntentPlan | undefined {
  const start = starts[place] ?? -1;
  if (start < 0) return undefined;
  const reader = new NumberReader(numbers, start);
  const computed = readComputed(reader, intent, snapshot, reasons[place] ?? []);
  const plan = planComputed(intent, computed, snapshot, lacking, replaying(reader));
  const end = starts.slice(place + 1).find((next) => next >= 0) ?? numbers.length;
  if (reader.position !== end) throw new RangeError("it was searched for another intent or network");
  return plan;
}

/** Reads what was found in place of searching. */
function replaying(reader: NumberReader): Searches {
  return {
    steps: (_graph, _edges, { spans }) => readSteps(reader, spans),
    // A way has edges.
    wayBack: () => {
      const way = reader.list();
      return way.length === 0 ? undefined : way;
    },
  };
}
