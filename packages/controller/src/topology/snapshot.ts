import { MultiDirectedGraph } from "graphology";
import type { Link, Topology, TopologyNode } from "@sextant/model";
import { type BindingIndex, indexBindings } from "./binding-index";
import { buildFlatGraph } from "./build-flat-graph";
import { type DirectedLink, edgeOf } from "./directed-link";
import type { EdgeAttributes, FlatGraph, TopologyGraph } from "./flat-graph";
import { PrefixTable } from "./prefix-table";
import { finish } from "./steps";

/** Links that take a few milliseconds. */
const LINKS_PER_STEP = 512;

/** The network at one moment, as every computation sees it. Immutable: a change makes a new snapshot. */
export interface TopologySnapshot {
  /** Grows with each change; two snapshots of one controller with the same version are the same. */
  readonly version: number;
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  /** All links by name, those that are down included. */
  readonly links: ReadonlyMap<string, Link>;
  /** Nodes, and an edge per direction of each link that is declared up. */
  readonly graph: TopologyGraph;
  readonly flat: FlatGraph;
  readonly prefixes: PrefixTable;
  readonly bindings: BindingIndex;
  /**
   * Edges of `flat` that health says not to use. Paths keep off them, but the IGP model keeps them: routers may not have noticed,
   * and a list that is right with a link it does not use is right without it too.
   */
  readonly unusable: ReadonlySet<number>;
  /** What reservations leave to one policy: the snapshot is for it alone then. Undefined for whoever reserves nothing. */
  readonly room: Room | undefined;
}

/** What others' reservations leave to one that is asked for. */
export interface Room {
  /** Mbit/s that it wants. */
  readonly mbps: number;
  readonly setupPriority: number;
  /** Edges of `flat` that have too little left for it. */
  readonly full: ReadonlySet<number>;
  /** Mbit/s left on an edge for its setup priority; as of now, so only to be asked while the policy is planned. */
  readonly leftMbps: (edge: number) => number;
}

/** Builds the snapshot of a topology. `unusable` is what observation found broken; unknown names are ignored. */
export function createSnapshot(
  topology: Topology,
  version: number,
  unusable: readonly DirectedLink[] = [],
): TopologySnapshot {
  return finish(snapshotInSteps(topology, version, unusable));
}

/** The same, and others may have their turn between the steps: all of them take half a second for 10,000 nodes. */
export function* snapshotInSteps(
  topology: Topology,
  version: number,
  unusable: readonly DirectedLink[],
): Generator<void, TopologySnapshot> {
  const graph = yield* buildGraph(topology);
  yield;
  const flat = yield* buildFlatGraph(graph, topology.algorithms);
  yield;
  const prefixes = new PrefixTable(topology.nodes);
  yield;
  return snapshotOf({
    version,
    topology,
    nodes: new Map(topology.nodes.map((node) => [node.name, node])),
    links: new Map(topology.links.map((link) => [link.name, link])),
    graph,
    flat,
    prefixes,
    bindings: indexBindings(topology, flat),
    unusable: edgesOf(flat, unusable),
    room: undefined,
  });
}

/** The same network with other links that are not to be used: its graphs, and so all indices, are the same objects. */
export function withUnusable(
  snapshot: TopologySnapshot,
  version: number,
  unusable: readonly DirectedLink[],
): TopologySnapshot {
  return snapshotOf({ ...snapshot, version, unusable: edgesOf(snapshot.flat, unusable) });
}

/** The same with edges of `flat` that are not to be used. */
export function withUnusableEdges(snapshot: TopologySnapshot, unusable: ReadonlySet<number>): TopologySnapshot {
  return snapshotOf({ ...snapshot, unusable });
}

/** The same as one policy sees it. */
export function withRoom(snapshot: TopologySnapshot, room: Room): TopologySnapshot {
  return snapshotOf({ ...snapshot, room });
}

/** All snapshots are objects of one shape: else code that was compiled while everything was well would be thrown away when the first link fails. */
function snapshotOf(parts: TopologySnapshot): TopologySnapshot {
  const { version, topology, nodes, links, graph, flat, prefixes, bindings, unusable, room } = parts;
  return { version, topology, nodes, links, graph, flat, prefixes, bindings, unusable, room };
}

function edgesOf(flat: FlatGraph, links: readonly DirectedLink[]): ReadonlySet<number> {
  return new Set(links.flatMap((link) => edgeOf(flat, link) ?? []));
}

function* buildGraph(topology: Topology): Generator<void, TopologyGraph> {
  const graph: TopologyGraph = new MultiDirectedGraph<TopologyNode, EdgeAttributes>();
  for (const node of topology.nodes) graph.addNode(node.name, node);
  for (const [i, link] of topology.links.entries()) {
    if (i % LINKS_PER_STEP === 0) yield;
    if (link.state === "down") continue;
    for (const direction of [link.aToB, link.bToA]) {
      graph.addDirectedEdgeWithKey(`${link.name} from ${direction.from}`, direction.from, direction.to, {
        link,
        direction,
      });
    }
  }
  return graph;
}
