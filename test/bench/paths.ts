// The path engine: one tree against graphology's, many intents from nothing, and what a failed link costs among them.
import { singleSource } from "graphology-shortest-path/dijkstra";
import type { Intent } from "@sextant/model";
import { treeTowards } from "../../packages/controller/src/compute/distances";
import { planIntent } from "../../packages/controller/src/pipeline/plan";
import { createSnapshot, type TopologySnapshot } from "../../packages/controller/src/topology/snapshot";
import { intentOf } from "../support/intent";
import { generatedNetwork, seededRandom } from "./generated-network";
import { measureScale, type ScaleSize } from "./paths/scale-result";
import { figure, printReport } from "./report";
import { percentile, spreadOf } from "./statistics";

const TREE = { routers: 10_000, trees: 15 };
const INTENTS = { routers: 900, hosts: 100, intents: 1_000, rounds: 9 };
const OBJECTIVES = ["delay", "igp", "te", "hops"] as const;
/** 10,000 nodes, 40,000 directed links. */
const SCALE: ScaleSize = {
  routers: 8_000,
  hosts: 2_000,
  chords: 10_000,
  intents: Number(process.env["INTENTS"] ?? 100_000),
  failures: Number(process.env["FAILURES"] ?? 40),
};

interface Timed<T> {
  readonly ms: number;
  readonly value: T;
}

function timed<T>(work: () => T): Timed<T> {
  const start = performance.now();
  const value = work();
  return { ms: performance.now() - start, value };
}

/** One tree with each engine per round, for a node that neither has seen; the graphs are there beforehand. */
function compareTrees(): { ours: number[]; baseline: number[] } {
  const snapshot = createSnapshot(generatedNetwork(TREE.routers, 0), 1);
  const ours: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round <= TREE.trees; round++) {
    const root = `r${(round * 641) % TREE.routers}`;
    const own = timed(() =>
      treeTowards(snapshot.flat, snapshot.flat.nodeIndex.get(root) ?? -1, snapshot.flat.cost.igp),
    );
    const theirs = timed(() => singleSource(snapshot.graph, root, (_, edge) => edge.direction.igp));
    requireSame(snapshot, own.value.distance, theirs.value);
    if (round === 0) continue; // Compiles both.
    ours.push(own.ms);
    baseline.push(theirs.ms);
  }
  return { ours, baseline };
}

/** A faster answer that is another one is no answer. Metrics are the same both ways, so to and from the root are one. */
function requireSame(snapshot: TopologySnapshot, distance: Float64Array, paths: Record<string, string[]>): void {
  for (const [target, path] of Object.entries(paths)) {
    const cost = path.slice(1).reduce((sum, to, i) => sum + cheapest(snapshot, path[i] ?? "", to), 0);
    const own = distance[snapshot.flat.nodeIndex.get(target) ?? -1];
    if (own !== cost) throw new Error(`${target}: ${own} here, ${cost} by graphology`);
  }
}

function cheapest({ graph }: TopologySnapshot, from: string, to: string): number {
  return Math.min(...graph.mapDirectedEdges(from, to, (_, edge) => edge.direction.igp));
}

/** Pairs of hosts at random, the objectives in turn, every second one with a link-disjoint backup, every fourth bounded. */
function randomIntents(): Intent[] {
  const random = seededRandom(2);
  return Array.from({ length: INTENTS.intents }, (_, i) => {
    const from = Math.floor(random() * INTENTS.hosts);
    const to = (from + 1 + Math.floor(random() * (INTENTS.hosts - 1))) % INTENTS.hosts;
    const spec = {
      from: { hosts: [`h${from}`] },
      to: { hosts: [`h${to}`] },
      objective: { minimize: OBJECTIVES[i % OBJECTIVES.length] },
      ...(i % 2 === 0 ? { protection: { backups: 1, disjoint: "link" } } : {}),
      ...(i % 4 === 1 ? { constraints: { maxDelayMs: 60 } } : {}),
    };
    return intentOf(spec, `intent-${i}`);
  });
}

/** Everything from the documents' values on: graph, paths, segment lists, entries for hosts. */
function planAll(): { seconds: number[]; candidates: number; encoded: number } {
  const topology = generatedNetwork(INTENTS.routers, INTENTS.hosts);
  const intents = randomIntents();
  const rounds = Array.from({ length: INTENTS.rounds }, (_, version) =>
    timed(() => {
      const snapshot = createSnapshot(topology, version);
      const plans = intents.map((intent) => planIntent(intent, snapshot));
      return { plans, entries: plans.flatMap(({ policies }) => policies.map(({ entries }) => entries.policy)) };
    }),
  );
  const policies = rounds[0]?.value.plans.flatMap((plan) => plan.policies) ?? [];
  const candidates = policies.flatMap((policy) => policy.candidates);
  return {
    seconds: rounds.map(({ ms }) => ms / 1_000),
    candidates: candidates.length,
    encoded: candidates.filter(({ lists }) => lists.some(({ encoded }) => encoded.kind === "encoded")).length,
  };
}

async function main(): Promise<void> {
  const scale = await measureScale(SCALE);
  const plans = planAll();
  const trees = compareTrees();
  const row = (name: string, unit: string, values: readonly number[]) => {
    const { median, p95 } = spreadOf(values);
    return [name, unit, figure(median), figure(p95)];
  };
  const speedups = trees.baseline.map((ms, i) => ms / (trees.ours[i] ?? Number.NaN));
  const treeSpeedup = percentile(speedups, 0.5);
  const { fullComputeSeconds, entriesSeconds, trials, changeMs, loopDelayP99Ms, loopDelayMaxMs, rssMb } = scale;
  const failMs = trials.map(({ ms }) => ms);
  printReport({
    what:
      `single-source tree on ${TREE.routers} nodes and ${TREE.routers * 4} directed links, ${TREE.trees} trees each, interleaved; ` +
      `${INTENTS.intents} intents on ${INTENTS.routers + INTENTS.hosts} nodes from nothing, ${INTENTS.rounds} times: ` +
      `${plans.candidates} paths computed, ${plans.encoded} of them fit a header; ` +
      `${SCALE.intents} intents on ${SCALE.routers + SCALE.hosts} nodes from nothing: ${scale.protectedIntents} have two lists, ` +
      `${scale.others} fewer; ${SCALE.failures} links fail one after the other, ${SCALE.failures} documents change`,
    header: ["case", "unit", "median", "p95"],
    rows: [
      row("tree, this engine", "ms", trees.ours),
      row("tree, graphology-shortest-path", "ms", trees.baseline),
      ["speed-up", "x", figure(treeSpeedup), ""],
      row(`${INTENTS.intents} intents computed and encoded`, "s", plans.seconds),
      [`${SCALE.intents} intents computed and encoded`, "s", figure(fullComputeSeconds), ""],
      ["entries of all hosts, if all of them came at once", "s", figure(entriesSeconds), ""],
      row("a link fails: all affected computed and encoded", "ms", failMs),
      row(
        "intents affected by it",
        "",
        trials.map(({ affected }) => affected),
      ),
      row(
        "it comes back",
        "ms",
        trials.map(({ mendMs }) => mendMs),
      ),
      row("one document changes", "ms", changeMs),
      ["delay of the event loop during all that: p99, longest", "ms", figure(loopDelayP99Ms), figure(loopDelayMaxMs)],
      ["highest resident memory", "MB", figure(rssMb), ""],
    ],
    json: {
      intents1000Seconds: percentile(plans.seconds, 0.5),
      linkBackP95Ms: percentile(
        trials.map(({ mendMs }) => mendMs),
        0.95,
      ),
      documentChangeP95Ms: percentile(changeMs, 0.95),
      loopDelayMaxMs,
      entriesSeconds,
      treeSpeedup,
      fullComputeSeconds,
      rssMb,
      linkFailP95Ms: percentile(failMs, 0.95),
      loopDelayP99Ms,
    },
  });
}

void main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
