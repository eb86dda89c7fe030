import { createSnapshot } from "../topology/snapshot";
import type { FlatGraph } from "../topology/flat-graph";
import { network } from "../../../../test/support/network";
import { type Cause, localise, type WatchedPath } from "./localise";

const graph = createSnapshot(
  network(`
    h1: a
    h2: d
    h3: b
    a-b name=ab srlgs=conduit
    b-d name=bd
    a-c name=ac srlgs=conduit
    c-d name=cd
  `),
  1,
).flat;

/** Edges along nodes by name, there and back. */
const there = (...nodes: string[]): number[] => nodes.slice(1).map((to, i) => edgeOf(graph, nodes[i] as string, to));
const round = (...nodes: string[]): number[] => [...there(...nodes), ...there(...[...nodes].reverse())];
const dead = (edges: number[]): WatchedPath => ({ edges, isDead: true });
const alive = (edges: number[]): WatchedPath => ({ edges, isDead: false });

function edgeOf({ nodeIndex, edgeFrom, edgeTo }: FlatGraph, from: string, to: string): number {
  return edgeFrom.findIndex((node, edge) => node === nodeIndex.get(from) && edgeTo[edge] === nodeIndex.get(to));
}

function nameOf(cause: Cause): string {
  if (cause.kind === "srlg") return cause.srlg;
  if (cause.kind === "link") return graph.linkNames[cause.link] as string;
  return `${graph.nodeNames[graph.edgeFrom[cause.edge] as number]}>${graph.nodeNames[graph.edgeTo[cause.edge] as number]}`;
}

function found(paths: WatchedPath[]) {
  const { localised, suspected, unexplained } = localise(paths, graph);
  return {
    localised: localised.map(({ cause }) => nameOf(cause)),
    suspected: suspected.map(({ cause, confidence }) => `${nameOf(cause)} ${confidence}`),
    unexplained,
  };
}

const nothing = { localised: [], suspected: [], unexplained: 0 };

test.each<[string, WatchedPath[], Partial<ReturnType<typeof found>>]>([
  ["no paths", [], {}],
  ["all alive", [alive(round("h1", "a", "b", "d", "h2"))], {}],
  [
    "the one link that nobody proves to work",
    [
      dead(round("h1", "a", "b", "d", "h2")),
      alive(round("h1", "a", "c", "d", "h2")),
      alive(round("h3", "b", "a", "h1")),
    ],
    { localised: ["bd"] },
  ],
  [
    "two in a row that the same path crosses",
    [dead(round("h1", "a", "b", "d", "h2")), alive(round("h1", "a", "c", "d", "h2"))],
    { suspected: ["ab 0.5", "bd 0.5"] },
  ],
  [
    "one direction, as the other one is crossed by a path that lives",
    [
      dead([...there("h1", "a", "b", "d", "h2"), ...there("h2", "d", "c", "a", "h1")]),
      alive([...there("h1", "a", "c", "d", "h2"), ...there("h2", "d", "b", "a", "h1")]),
      alive(round("h1", "a", "c", "d", "h2")),
      alive(round("h3", "b", "a", "h1")),
    ],
    { localised: ["b>d"] },
  ],
  [
    "a risk group that explains more than each of its links",
    [
      dead(round("h1", "a", "b", "h3")),
      dead(round("h1", "a", "c", "d", "h2")),
      alive(round("h3", "b", "d", "h2")),
      alive(round("h2", "d", "c")),
      alive(round("h1", "a")),
    ],
    { localised: ["conduit"] },
  ],
  ["no group of which one link works", [dead(round("a", "b")), alive(round("a", "c"))], { localised: ["ab"] }],
  [
    "all that a host has: its uplink, where others prove the rest",
    [
      dead(round("h1", "a", "b", "d", "h2")),
      dead(round("h1", "a", "c", "d", "h2")),
      alive(round("h2", "d", "b", "a", "c", "d", "h2")),
    ],
    { localised: ["h1-a"] },
  ],
  [
    "two at once",
    [dead(round("a", "b")), dead(round("c", "d")), dead(round("h1", "a", "b")), alive(round("h1", "a", "c"))],
    { localised: ["ab", "cd"] },
  ],
  ["dead, though others prove every link", [dead(round("a", "b")), alive(round("h1", "a", "b"))], { unexplained: 1 }],
])("%s", (_sentence, paths, expected) => {
  expect(found(paths)).toEqual({ ...nothing, ...expected });
});
