import {
  blocksOf,
  type LinkDirection,
  packCarriers,
  type Pin,
  type Sid,
  sidInBlock,
  type TopologyNode,
} from "@sextant/model";
import type { Step, StepRules } from "../compute/minimal-steps";
import { CARRIERS, CARRIERS_TO_DECAPSULATION, PLAIN } from "../compute/packing";
import { PLAIN_ROUTING } from "../compute/routing";
import { type BindingSpan, spansAlong } from "../topology/binding-index";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import type { SettledMode } from "./mode";
import type { Searches } from "./searches";

/** How a path is put into a header. */
export interface Encoding {
  readonly mode: SettledMode;
  readonly pin: Pin;
  /** Name of the flexible algorithm whose SIDs alone may be used; undefined: any will do. */
  readonly algorithm: string | undefined;
  readonly searches: Searches;
}

const NO_SPANS: readonly BindingSpan[] = [];

/**
 * The steps of the list for the path along `edges`: at least one where the header has nothing else (RFC 9256 section 5.1); an
 * outer header has the decapsulation SID. A strict list uses binding SIDs only where it has more than `limit` segments without
 * them. Undefined when the path cannot be encoded.
 */
export function listSteps(
  snapshot: TopologySnapshot,
  edges: readonly number[],
  { mode, pin, algorithm: name, searches }: Encoding,
  limit = sourceLimit(snapshot, edges),
): readonly Step[] | undefined {
  const packing = mode === "usid" ? CARRIERS_TO_DECAPSULATION : PLAIN;
  const algorithm = algorithmNumber(snapshot, name);
  const spans = spansIn(snapshot, edges, algorithm);
  const build = (allowed: readonly BindingSpan[]) => {
    const steps = searches.steps(snapshot.flat, edges, { pin, algorithm, spans: allowed, packing });
    return steps === undefined || mode !== "insert" ? steps : atLeastOne(snapshot, edges, steps);
  };
  if (pin === "loose" || spans.length === 0) return build(spans);
  const unbound = build(NO_SPANS);
  const fits =
    unbound === undefined || wire(snapshot, listSids(snapshot, edges, unbound, mode), unbound, mode).length <= limit;
  return fits ? unbound : build(spans);
}

/**
 * The steps of a probe's way home, at least one. Of a strict list it is pinned like the way out where `room` segments allow it;
 * otherwise the IGP may follow, as it may for any answer. Undefined when the path cannot be encoded.
 */
export function homeSteps(
  snapshot: TopologySnapshot,
  edges: readonly number[],
  { mode, pin, algorithm: name, searches }: Encoding,
  room: number,
): readonly Step[] | undefined {
  const packing = mode === "usid" ? CARRIERS : PLAIN;
  const algorithm = algorithmNumber(snapshot, name);
  const spans = spansIn(snapshot, edges, algorithm);
  const build = (rules: StepRules) => {
    const steps = searches.steps(snapshot.flat, edges, rules);
    return steps === undefined ? undefined : atLeastOne(snapshot, edges, steps);
  };
  if (pin === "loose") return build({ pin, algorithm, spans, packing });
  for (const allowed of [NO_SPANS, spans]) {
    const steps = build({ pin, algorithm, spans: allowed, packing });
    if (steps === undefined) return undefined;
    if (wire(snapshot, sidsOf(snapshot, edges, steps), steps, mode).length <= room) return steps;
  }
  return build({ pin: "loose", algorithm, spans, packing });
}

function algorithmNumber({ flat }: TopologySnapshot, name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  const algorithm = flat.algorithms.find(({ definition }) => definition.name === name);
  if (algorithm === undefined) throw new RangeError(`the topology has no algorithm ${name}`);
  return algorithm.definition.id;
}

/** Binding SIDs are none of a flexible algorithm. */
function spansIn({ bindings }: TopologySnapshot, edges: readonly number[], algorithm: number | undefined) {
  return algorithm === undefined ? spansAlong(bindings, edges) : NO_SPANS;
}

/** Most segments that the first node of the path can put on. */
export function sourceLimit({ flat }: TopologySnapshot, edges: readonly number[]): number {
  return nodeAt(flat, edges, 0).maxSegments;
}

/** The last router's End SID where plain routing would do. */
function atLeastOne({ flat }: TopologySnapshot, edges: readonly number[], steps: readonly Step[]): readonly Step[] {
  if (steps.length > 0) return steps;
  const last = edges.length;
  const isHost = flat.isHost[flat.edgeTo[edges[last - 1] as number] as number] === 1;
  return [{ kind: "node", position: isHost ? last - 1 : last, algorithm: PLAIN_ROUTING }];
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
  const far = nodeAt(snapshot.flat, edges, edges.length);
  if (far.decapsulationSid === undefined) throw new TypeError(`${far.name} takes no outer headers off`);
  return [...sids, far.decapsulationSid];
}

/** The SIDs of steps along a path, in an array of their own length. */
export function sidsOf({ flat }: TopologySnapshot, edges: readonly number[], steps: readonly Step[]): Sid[] {
  return steps.map((step) => {
    switch (step.kind) {
      case "node":
        return sidBy(flat, step.algorithm, nodeAt(flat, edges, step.position).sid);
      case "adjacency":
        return sidBy(
          flat,
          step.algorithm,
          (flat.directions[edges[step.position - 1] as number] as LinkDirection).adjacencySid,
        );
      case "binding":
        return step.binding.sid;
    }
  });
}

/** What a SID is called in an algorithm. */
function sidBy({ algorithms }: FlatGraph, algorithm: number, sid: Sid): Sid {
  if (algorithm === PLAIN_ROUTING) return sid;
  const block = algorithms.find(({ definition }) => definition.id === algorithm)?.definition.locatorBlock;
  return block === undefined ? sid : sidInBlock(block, sid);
}

/** The node at a position of a path: 0 is its start. */
function nodeAt({ nodes, edgeFrom, edgeTo }: FlatGraph, edges: readonly number[], position: number): TopologyNode {
  const node = position === 0 ? edgeFrom[edges[0] as number] : edgeTo[edges[position - 1] as number];
  return nodes[node as number] as TopologyNode;
}

/** What the header holds for the SIDs of steps: the SIDs themselves, or the carriers that they are packed into. */
export function wire(
  { topology }: TopologySnapshot,
  sids: readonly Sid[],
  steps: readonly Step[],
  mode: SettledMode,
): readonly Sid[] {
  if (mode !== "usid") return sids;
  const closing = new Set(steps.flatMap((step) => (step.kind === "binding" ? step.binding.sid : [])));
  return packCarriers(blocksOf(topology), sids, closing);
}
