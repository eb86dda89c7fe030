// The path engine: one tree against graphology's, and many intents from nothing.
import { singleSource } from "graphology-shortest-path/dijkstra";
import type { Intent } from "@sextant/model";
import { treeTowards } from "../../packages/controller/src/compute/distances-to";
import { planIntent } from "../../packages/controller/src/pipeline/plan";
import { createSnapshot, type TopologySnapshot } from "../../packages/controller/src/topology/snapshot";
import { intentOf } from "../support/intent";
import { generatedNetwork, seededRandom } from "./generated-network";
import { figure, printReport } from "./report";
import { percentile, spreadOf } from "./statistics";

const TREE = { routers: 10_000, trees: 15 };
const INTENTS = { routers: 900, hosts: 100, intents: 1_000, rounds: 9 };
const OBJECTIVES = ["delay", "igp", "te", "hops"] as const;
const BYTES_PER_MB = 1_000_000;

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
      return intents.map((intent) => planIntent(intent, snapshot));
    }),
  );
  const policies = rounds[0]?.value.flatMap((plan) => plan.policies) ?? [];
  const candidates = policies.flatMap((policy) => policy.candidates);
  return {
    seconds: rounds.map(({ ms }) => ms / 1_000),
    candidates: candidates.length,
    encoded: candidates.filter(({ lists }) => lists.some(({ encoded }) => encoded.kind === "encoded")).length,
  };
}

function main(): void {
  const plans = planAll();
  const trees = compareTrees();
  const [seconds, ours, baseline] = [plans.seconds, trees.ours, trees.baseline].map(spreadOf);
  if (seconds === undefined || ours === undefined || baseline === undefined) throw new Error("nothing was measured");
  const speedup = percentile(
    trees.baseline.map((ms, i) => ms / (trees.ours[i] ?? Number.NaN)),
    0.5,
  );
  const rssMb = (process.resourceUsage().maxRSS * 1_024) / BYTES_PER_MB;
  const links = TREE.routers * 4;
  printReport({
    what:
      `single-source tree on ${TREE.routers} nodes and ${links} directed links, ${TREE.trees} trees each, interleaved; ` +
      `${INTENTS.intents} intents on ${INTENTS.routers + INTENTS.hosts} nodes from nothing, ${INTENTS.rounds} times: ` +
      `${plans.candidates} paths computed, ${plans.encoded} of them fit a header`,
    header: ["case", "unit", "median", "p95"],
    rows: [
      ["tree, this engine", "ms", figure(ours.median), figure(ours.p95)],
      ["tree, graphology-shortest-path", "ms", figure(baseline.median), figure(baseline.p95)],
      ["speed-up", "x", figure(speedup), ""],
      [`${INTENTS.intents} intents computed and encoded`, "s", figure(seconds.median), figure(seconds.p95)],
      ["highest resident memory of the run", "MB", figure(rssMb), ""],
    ],
    json: { treeSpeedup: speedup, intents1000Seconds: seconds.median, rssMb },
  });
}

main();
