import fc from "fast-check";
import type { Path, Topology } from "@sextant/model";
import { PathInGraph } from "../../packages/controller/src/compute/path-edges";
import { encode, type EncodeOptions, type EncodeResult } from "../../packages/controller/src/pipeline/encode";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import type { Hop } from "./brute-force";
import { IgpModel } from "./igp-model";
import { withAlgorithms } from "./random-algorithms";
import { type RandomNetwork, randomNetwork, topologyFor } from "./random-network";

/** A network and a walk through it. */
export interface WalkCase {
  readonly igp: IgpModel;
  /** From h1 to h2, or to a router on the way, as a prefix behind it has. */
  readonly walk: readonly Hop[];
}

/** Any walk will do, not only best paths: loops through a via node are walks too. */
export function walkOf(igp: IgpModel, choices: readonly number[]): Hop[] {
  const walk: Hop[] = [];
  let at = "h1";
  for (const choice of choices) {
    const open = igp.hops.filter(({ from, to }) => from === at && (to === "h2" || to.startsWith("r")));
    const hop = open[choice % Math.max(1, open.length)];
    if (hop === undefined || at === "h2") break;
    walk.push(hop);
    at = hop.to;
  }
  return walk;
}

/** Random networks with random walks. */
export function walkCases(
  maxRouters: number,
  maxLinks: number,
  maxHops: number,
  networks = randomNetwork(maxRouters, maxLinks),
): fc.Arbitrary<WalkCase> {
  const choices = fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: maxHops });
  return fc.tuple(networks, choices).map(([network, numbers]) => {
    const igp = new IgpModel(network);
    return { igp, walk: walkOf(igp, numbers) };
  });
}

/** A binding SID as a document declares it. */
export interface DeclaredBinding {
  readonly name: string;
  readonly node: string;
  readonly function: number;
  readonly path: readonly string[];
}

export interface BoundCase extends WalkCase {
  readonly bindings: readonly DeclaredBinding[];
  readonly topology: Topology;
  /** Most segments that h1 can put on. */
  readonly limit: number;
}

/** The same with binding SIDs: along the walk, along its way back, and elsewhere; in half of them with flexible algorithms too. */
export function boundCases(maxRouters: number, maxLinks: number, maxHops: number): fc.Arbitrary<BoundCase> {
  const cut = fc.record({
    way: fc.constantFrom("out", "home", "else"),
    start: fc.nat(9),
    length: fc.integer({ min: 1, max: 5 }),
  });
  const elsewhere = fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: maxHops });
  const networks = randomNetwork(maxRouters, maxLinks).chain((network) =>
    fc.oneof(fc.constant(network), withAlgorithms(network)),
  );
  return fc
    .tuple(
      walkCases(maxRouters, maxLinks, maxHops, networks),
      elsewhere,
      fc.array(cut, { maxLength: 5 }),
      fc.integer({ min: 1, max: 10 }),
    )
    .map(([{ igp, walk }, choices, cuts, limit]) => {
      const ways = { out: walk, home: wayBack(igp, walk), else: walkOf(igp, choices) };
      const bindings = cuts.flatMap(({ way, start, length }, i): DeclaredBinding[] => {
        const hops = ways[way]
          .filter(({ from, to }) => from.startsWith("r") && to.startsWith("r"))
          .slice(start, start + length);
        const leadsOn = hops.every(({ from }, j) => j === 0 || hops[j - 1]?.to === from);
        const [first] = hops;
        if (first === undefined || !leadsOn) return [];
        return [{ name: `b${i}`, node: first.from, function: 0xe800 + i, path: hops.map(({ link }) => link.name) }];
      });
      const declared = topologyFor(igp.network, undefined, { bindings });
      const nodes = declared.nodes.map((node) => (node.name === "h1" ? { ...node, maxSegments: limit } : node));
      return { igp, walk, bindings, topology: { ...declared, nodes }, limit };
    });
}

/** The way back over the same links. */
export function wayBack(igp: IgpModel, walk: readonly Hop[]): Hop[] {
  return walk
    .map(({ link, to }) => igp.hops.find((hop) => hop.link.name === link.name && hop.from === to) as Hop)
    .reverse();
}

/** A way by its names. */
export function hopsOf(
  igp: IgpModel,
  way: { readonly nodes: readonly string[]; readonly links: readonly string[] },
): Hop[] {
  return way.links.map((link, i) => igp.hops.find((hop) => hop.link.name === link && hop.from === way.nodes[i]) as Hop);
}

/** Every way home that passes no node twice. */
export function* waysHome(igp: IgpModel, walk: readonly Hop[]): Generator<Hop[]> {
  const home = walk[0]?.from ?? "";
  function* onwards(at: string, way: Hop[]): Generator<Hop[]> {
    if (at === home) yield way;
    else
      for (const hop of igp.hops) {
        const isNew = !way.some(({ from }) => from === hop.to) && (hop.to === home || hop.to.startsWith("r"));
        if (hop.from === at && isNew) yield* onwards(hop.to, [...way, hop]);
      }
  }
  yield* onwards(walk.at(-1)?.to ?? "", []);
}

/** What came of encoding a walk, and the way that the alternate probe loop comes back by, where there is one. */
export type EncodedWalk = EncodeResult & { readonly alternateReturn: Path | undefined };

/** Encodes a walk. */
export function encodeWalk(
  topology: Topology,
  walk: readonly Hop[],
  options: Partial<EncodeOptions> = {},
): EncodedWalk {
  const nodes = [walk[0]?.from ?? "", ...walk.map(({ to }) => to)];
  const snapshot = createSnapshot(topology, 1);
  const result = encode({ nodes, links: walk.map(({ link }) => link.name) }, snapshot, options);
  const back = result.kind === "encoded" ? result.loops.backs[1] : undefined;
  return { ...result, alternateReturn: back && new PathInGraph(snapshot.flat, back) };
}

/** The network with other IGP metrics on the links between its routers. */
export function reweighted(network: RandomNetwork, metrics: readonly number[]): RandomNetwork {
  const metric = (i: number) => metrics[i % metrics.length] ?? 1;
  const links = network.links.map((link, i) =>
    link.a.startsWith("h") ? link : { ...link, igp: metric(2 * i), igpBack: metric(2 * i + 1) },
  );
  return { ...network, links };
}
