import { MAX_SEGMENTS, type Path, type Pin, type SegmentList, type Sid } from "@sextant/model";
import type { Step } from "../compute/minimal-steps";
import { edgesAlong, reversed } from "../compute/path-edges";
import { PLAIN_ROUTING } from "../compute/routing";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import { type Encoding, homeSteps, listSids, listSteps, sidsOf, sourceLimit, wire } from "./list-steps";
import type { ModeObstacle, SettledMode } from "./mode";
import { SEARCHING } from "./searches";

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
      readonly pin: Pin;
      /** Names of the binding SIDs in the list, in travel order. */
      readonly bindings: readonly string[];
      readonly loops: ProbeLoops;
    }
  | EncodeFailure;

/** How a path is to be encoded. */
export interface EncodeOptions extends Encoding {
  /** Share of the candidate's flows. */
  readonly weight: number;
  /** How many ways back the host's probes know. */
  readonly returns: "one" | "two";
}

const DEFAULTS: EncodeOptions = {
  mode: "insert",
  pin: "loose",
  algorithm: undefined,
  searches: SEARCHING,
  weight: 1,
  returns: "two",
};

/**
 * Stage encode: the shortest segment list with which the IGP, ECMP included, takes exactly the path, or, strict, one that takes
 * it whatever the IGP would choose; the probe loop that returns over the same links; and, for hosts that know `two` ways back,
 * one that returns over others. In the modes with an outer header the list ends in the far host's decapsulation SID; `usid`
 * packs all into carriers. Throws `internal` when the path was computed on another topology.
 */
export function encode(
  path: Pick<Path, "nodes" | "links">,
  snapshot: TopologySnapshot,
  options: Partial<EncodeOptions> = {},
): EncodeResult {
  const how: EncodeOptions = { ...DEFAULTS, ...options };
  const { mode, pin, weight, returns } = how;
  const graph = snapshot.flat;
  const out = edgesAlong(graph, path);
  const back = reversed(graph, out);
  const limit = sourceLimit(snapshot, out);
  const steps = listSteps(snapshot, out, how, limit);
  if (steps === undefined) return notEncodable(graph, out);
  const segments = wire(snapshot, listSids(snapshot, out, steps, mode), steps, mode);
  if (segments.length > limit) return tooManyInList(snapshot, out, how, segments.length, limit);

  const turned = outwardHalf(snapshot, out, steps, mode);
  const loop = probeLoop(snapshot, turned, back, how);
  if (loop === undefined) return notEncodable(graph, back);
  if (loop.length > MAX_PROBE_SEGMENTS) return tooManyInLoop(loop.length);
  const other = returns === "two" ? alternateLoop(snapshot, out, turned, how) : undefined;
  return {
    kind: "encoded",
    list: {
      weight,
      encapsulation: mode === "usid" ? "encap" : mode,
      signingKeyId: snapshot.topology.signingKeyId,
      segments,
      probeSegments: loop,
      alternateProbeSegments: other?.segments ?? [],
    },
    pin,
    bindings: bindingNames(steps),
    loops: { out, backs: other === undefined ? [back] : [back, other.edges] },
  };
}

const NO_NAMES: readonly string[] = [];

/** Most lists use none: they share one empty array. */
function bindingNames(steps: readonly Step[]): readonly string[] {
  const names = steps.flatMap((step) => (step.kind === "binding" ? step.binding.name : []));
  return names.length === 0 ? NO_NAMES : names;
}

/** Undefined where there is no other way back, where the far host cannot be made to take it, or where it is too long. */
function alternateLoop(
  snapshot: TopologySnapshot,
  out: readonly number[],
  turned: OutwardHalf,
  how: Encoding,
): { segments: Sid[]; edges: readonly number[] } | undefined {
  const edges = how.searches.wayBack(snapshot.flat, out);
  // It may lead over links that are in no algorithm's topology.
  const home = { ...how, algorithm: undefined };
  const segments = edges === undefined ? undefined : probeLoop(snapshot, turned, edges, home);
  if (edges === undefined || segments === undefined || segments.length > MAX_PROBE_SEGMENTS) return undefined;
  return { segments, edges };
}

/** How probes get to the far end, which both loops begin with. */
interface OutwardHalf {
  /** The last one is the far end's End SID, or its carrier ends in it. */
  readonly segments: readonly Sid[];
  /** Number of the algorithm that routes it. */
  readonly algorithm: number;
}

/** The last leg is routed to the far end's End SID as it is on the list: by plain routing, if not by a step of its own. */
function outwardHalf(
  snapshot: TopologySnapshot,
  out: readonly number[],
  steps: readonly Step[],
  mode: SettledMode,
): OutwardHalf {
  const last = steps.at(-1);
  const isThere = last?.kind === "node" && last.position === out.length;
  const algorithm = isThere ? last.algorithm : PLAIN_ROUTING;
  const outward = isThere ? steps : steps.concat({ kind: "node", position: out.length, algorithm });
  return { segments: wire(snapshot, sidsOf(snapshot, out, outward), outward, mode), algorithm };
}

/**
 * Out, the far end's End SID, back; undefined when the far end cannot be made to take that way. A far end that is a router may
 * be named by its neighbours in the list already: its End SID is not repeated, and gives way to an adjacency or binding SID of
 * its own, which leads to it as well. The two halves are packed apart, so that the far end sees its own SID as the whole
 * destination when it turns the probe round.
 */
function probeLoop(
  snapshot: TopologySnapshot,
  turned: OutwardHalf,
  back: readonly number[],
  how: Encoding,
): Sid[] | undefined {
  const { segments, algorithm } = turned;
  const home = homeSteps(snapshot, back, how, MAX_PROBE_SEGMENTS - segments.length);
  if (home === undefined) return undefined;
  const homeward = home[0]?.position === 0 ? home.slice(1) : home;
  const sids = wire(snapshot, sidsOf(snapshot, back, homeward), homeward, how.mode);
  return (leadsThere(home, algorithm) ? segments.slice(0, -1) : segments).concat(sids);
}

/**
 * Whether the first step is a SID of the node where the way begins, which the same algorithm routes. Only routers have any, and in front of them
 * nothing is packed.
 */
function leadsThere([first]: readonly Step[], algorithm: number): boolean {
  if (first?.kind === "binding") return first.start === 0 && algorithm === PLAIN_ROUTING;
  return first?.kind === "adjacency" && first.position === 1 && first.algorithm === algorithm;
}

function notEncodable(graph: FlatGraph, edges: readonly number[]): EncodeFailure {
  const [first = -1] = edges;
  const host = graph.nodeNames[graph.edgeFrom[first] as number] ?? "";
  const link = graph.linkNames[graph.edgeLink[first] as number] ?? "";
  const message = `${host} does not send over link ${link} alone by IGP metric, and a host has no adjacency SIDs: lower that link's metric at ${host}`;
  return { kind: "not_encodable", host, link, message };
}

/** What would do is told too: fewer segments where the list need not be pinned. */
function tooManyInList(
  snapshot: TopologySnapshot,
  edges: readonly number[],
  how: Encoding,
  segments: number,
  limit: number,
): EncodeFailure {
  const { mode, pin } = how;
  const needs = `the list needs ${segments} segments, ${limit} is the limit`;
  const loose = pin === "loose" ? undefined : listSteps(snapshot, edges, { ...how, pin: "loose" }, limit);
  const unpinned = wire(snapshot, listSids(snapshot, edges, loose ?? [], mode), loose ?? [], mode).length;
  const message =
    loose === undefined
      ? needs
      : `pinned to every link ${needs}, whatever binding SIDs save; with pin: loose it needs ${unpinned}`;
  return { kind: "too_many_segments", of: "list", segments, limit, message };
}

function tooManyInLoop(segments: number): EncodeFailure {
  const message = `the probe loop needs ${segments} segments, ${MAX_PROBE_SEGMENTS} is the limit`;
  return { kind: "too_many_segments", of: "probe", segments, limit: MAX_PROBE_SEGMENTS, message };
}
