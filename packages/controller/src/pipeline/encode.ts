import { MAX_SEGMENTS, packCarriers, type Path, type SegmentList, type Sid } from "@sextant/model";
import { minimalSteps, nodesAlong, type Step } from "../compute/minimal-steps";
import { otherWayBack } from "../compute/other-way-back";
import { edgesAlong, pathAlong, reversed } from "../compute/path-edges";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import type { ModeObstacle, SettledMode } from "./mode";

/** Most SIDs of a probe loop, the sender's own address not counted: out, round and back. */
const MAX_PROBE_SEGMENTS = 2 * MAX_SEGMENTS + 1;

/** Why a path cannot be put into a header. */
export type EncodeFailure =
  /** A host does not send over the path's link of its own accord, and nothing can make it. */
  | { readonly kind: "not_encodable"; readonly host: string; readonly link: string; readonly message: string }
  /** The list is longer than the source host's limit, or its probe loop longer than MAX_PROBE_SEGMENTS. */
  | {
      readonly kind: "too_many_segments";
      readonly of: "list" | "probe";
      readonly segments: number;
      readonly limit: number;
      readonly message: string;
    }
  /** The mode is out of the question between these two ends. */
  | ({ readonly kind: "no_mode" } & ModeObstacle);

/** The ways that a list's probes take, as edges of the snapshot's flat graph in travel order. */
export interface ProbeLoops {
  readonly out: readonly number[];
  /** Of `probeSegments`, and of `alternateProbeSegments` where there are any. */
  readonly backs: readonly (readonly number[])[];
}

export type EncodeResult =
  | {
      readonly kind: "encoded";
      readonly list: SegmentList;
      readonly loops: ProbeLoops;
      /** The way that the alternate probe loop comes back by, from the far end; undefined when the list has none. */
      readonly alternateReturn: Pick<Path, "nodes" | "links"> | undefined;
    }
  | EncodeFailure;

/**
 * Stage encode: the shortest segment list with which the IGP, ECMP included, takes exactly the path, the probe loop that
 * returns over the same links, and, for hosts that know `two` ways back, one that returns over others. In the modes with an
 * outer header the list ends in the far host's decapsulation SID; `usid` packs all into carriers. Throws `internal` when the
 * path was computed on another topology.
 */
export function encode(
  path: Pick<Path, "nodes" | "links">,
  snapshot: TopologySnapshot,
  mode: SettledMode = "insert",
  weight = 1,
  returns: "one" | "two" = "two",
): EncodeResult {
  const graph = snapshot.flat;
  const { locatorBlock, signingKeyId } = snapshot.topology;
  const out = edgesAlong(graph, path);
  const back = reversed(graph, out);
  const steps = stepsOf(graph, out, mode);
  if (steps === undefined) return notEncodable(graph, out);
  const returning = stepsOf(graph, back);
  if (returning === undefined) return notEncodable(graph, back);

  const wire = (sids: readonly Sid[]) => (mode === "usid" ? packCarriers(locatorBlock, sids) : [...sids]);
  const segments = wire(listSids(snapshot, out, steps, mode));
  const limit = snapshot.nodes.get(path.nodes[0] ?? "")?.maxSegments ?? 0;
  if (segments.length > limit) return tooMany("list", segments.length, limit);
  // Packed apart, so that the far end sees its own SID as the whole destination when it turns the probe round.
  const loopBack = (way: readonly number[], home: readonly Step[]) => {
    const { outward, homeward } = probeLoop(snapshot, out, way, steps, home);
    return [...wire(outward), ...wire(homeward)];
  };
  const probeSegments = loopBack(back, returning);
  if (probeSegments.length > MAX_PROBE_SEGMENTS) return tooMany("probe", probeSegments.length, MAX_PROBE_SEGMENTS);
  const other = returns === "two" ? alternateLoop(graph, out, loopBack) : undefined;
  const probes = { probeSegments, alternateProbeSegments: other?.segments ?? [] };
  const encapsulation = mode === "usid" ? "encap" : mode;
  return {
    kind: "encoded",
    list: { weight, encapsulation, signingKeyId, segments, ...probes },
    loops: { out, backs: other === undefined ? [back] : [back, other.edges] },
    alternateReturn: other?.way,
  };
}

/** Undefined where there is no other way back, where the far host cannot be made to take it, or where it is too long. */
function alternateLoop(
  graph: FlatGraph,
  out: readonly number[],
  loopBack: (way: readonly number[], home: readonly Step[]) => Sid[],
): { segments: Sid[]; edges: readonly number[]; way: Pick<Path, "nodes" | "links"> } | undefined {
  const edges = otherWayBack(graph, out);
  const home = edges === undefined ? undefined : stepsOf(graph, edges);
  if (edges === undefined || home === undefined) return undefined;
  const segments = loopBack(edges, home);
  return segments.length > MAX_PROBE_SEGMENTS ? undefined : { segments, edges, way: pathAlong(graph, edges) };
}

/**
 * The steps of the list for the path along `edges`: at least one where the header has nothing else (RFC 9256 section 5.1); an
 * outer header has the decapsulation SID. Undefined when the path cannot be encoded.
 */
export function stepsOf(
  graph: FlatGraph,
  edges: readonly number[],
  mode: SettledMode = "insert",
): readonly Step[] | undefined {
  const steps = minimalSteps(graph, edges);
  if (steps === undefined || steps.length > 0 || mode !== "insert") return steps;
  const nodes = nodesAlong(graph, edges);
  const last = nodes.length - 1;
  return [{ kind: "node", position: graph.isHost[nodes[last] as number] === 1 ? last - 1 : last }];
}

/** What the list says, SID by SID, before any packing. */
export function listSids(
  snapshot: TopologySnapshot,
  edges: readonly number[],
  steps: readonly Step[],
  mode: SettledMode,
): Sid[] {
  const sids = sidsOf(snapshot, edges, steps);
  if (mode === "insert") return sids;
  const far = snapshot.nodes.get(snapshot.flat.nodeNames[nodesAlong(snapshot.flat, edges).at(-1) ?? -1] ?? "");
  if (far?.decapsulationSid === undefined)
    throw new TypeError(`${far?.name ?? "the far end"} takes no outer headers off`);
  return [...sids, far.decapsulationSid];
}

function sidsOf(snapshot: TopologySnapshot, edges: readonly number[], steps: readonly Step[]): Sid[] {
  const graph = snapshot.flat;
  const nodes = nodesAlong(graph, edges);
  return steps.flatMap(({ kind, position }) => {
    if (kind === "adjacency") return graph.directions[edges[position - 1] as number]?.adjacencySid ?? [];
    return snapshot.nodes.get(graph.nodeNames[nodes[position] as number] ?? "")?.sid ?? [];
  });
}

/**
 * Out, the far end's End SID, back. A far end that is a router may be named by its neighbours in the list already: its End SID
 * is not repeated, and gives way to an adjacency SID of its own, which leads to it as well.
 */
function probeLoop(
  snapshot: TopologySnapshot,
  out: readonly number[],
  back: readonly number[],
  steps: readonly Step[],
  returning: readonly Step[],
): { outward: Sid[]; homeward: Sid[] } {
  const turn: Step = { kind: "node", position: out.length };
  const arrives = steps.filter((step) => step.kind === "adjacency" || step.position < out.length);
  const leavesByAdjacency = returning[0]?.kind === "adjacency" && returning[0].position === 1;
  const outward = leavesByAdjacency ? arrives : [...arrives, turn];
  const homeward = returning.filter(({ position }) => position > 0);
  return { outward: sidsOf(snapshot, out, outward), homeward: sidsOf(snapshot, back, homeward) };
}

function notEncodable(graph: FlatGraph, edges: readonly number[]): EncodeFailure {
  const [first = -1] = edges;
  const host = graph.nodeNames[graph.edgeFrom[first] as number] ?? "";
  const link = graph.linkNames[graph.edgeLink[first] as number] ?? "";
  const message = `${host} does not send over link ${link} alone by IGP metric, and a host has no adjacency SIDs: lower that link's metric at ${host}`;
  return { kind: "not_encodable", host, link, message };
}

function tooMany(of: "list" | "probe", segments: number, limit: number): EncodeFailure {
  const what = of === "list" ? "the list" : "the probe loop";
  return {
    kind: "too_many_segments",
    of,
    segments,
    limit,
    message: `${what} needs ${segments} segments, ${limit} is the limit`,
  };
}
