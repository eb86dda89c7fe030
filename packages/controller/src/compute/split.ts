import type { FlatGraph } from "../topology/flat-graph";
import type { Room } from "../topology/snapshot";
import { leastMaximum } from "./least-maximum";
import type { Found } from "./path-set";

/** Weights of a split add up to this: whole ten-thousandths. */
export const SPLIT_TOTAL = 10_000;
const A_LITTLE_MBPS = 1;
/** What anything on a link without capacity counts: more than any part of it could make bearable. */
const OVERFULL = 1e6;
/** Parts smaller than this are none. */
const LEAST_PART = 1 / SPLIT_TOTAL;

/** Paths that share a reservation. */
export interface Split {
  /** Those that carry a part, in the order given. */
  readonly paths: readonly Found[];
  /** Of each path, in SPLIT_TOTALths. */
  readonly weights: readonly number[];
  /** Highest utilisation on any of their links, reservations of others included; above 1 where it does not fit. */
  readonly greatest: number;
}

/**
 * Shares bandwidth among at most `most` of the paths, so that the fullest link that some path could spare is as empty as can be. Exact for the
 * paths that are looked at; where more than `most` would take part, those of the greatest parts do, and it is exact for those.
 */
export function splitReservation(graph: FlatGraph, room: Room, paths: readonly Found[], most: number): Split {
  const { carrying } = carryingPaths(graph, room, paths);
  const chosen = carrying
    .slice(0, most)
    .map(({ i }) => i)
    .sort((a, b) => a - b)
    .flatMap((i) => paths[i] ?? []);
  const settled = carryingPaths(graph, room, chosen);
  const weights = wholeParts(settled.parts);
  const kept = chosen.filter((_, i) => (weights[i] ?? 0) > 0);
  const left = weights.filter((weight) => weight > 0);
  return { paths: kept, weights: left, greatest: greatestUse(graph, room, kept, left) };
}

/**
 * Parts of all paths, and those that carry one, the greatest first. Links of paths without a part may be the fullest of all, and hide what the others
 * do: the one whose links are the fullest is left out, one after the other, until all that are left carry something.
 */
function carryingPaths(graph: FlatGraph, room: Room, paths: readonly Found[]) {
  let indices = paths.map((_, i) => i);
  for (;;) {
    const own = bestParts(
      graph,
      room,
      indices.flatMap((i) => paths[i] ?? []),
    );
    const all = indices.map((i, at) => ({ i, part: own[at] ?? 0 }));
    const carrying = all.filter(({ part }) => part >= LEAST_PART).sort((a, b) => b.part - a.part || a.i - b.i);
    if (carrying.length === indices.length) {
      const parts = paths.map((_, i) => carrying.find((each) => each.i === i)?.part ?? 0);
      return { parts, carrying };
    }
    const idle = all.filter(({ part }) => part < LEAST_PART).map(({ i }) => i);
    const present = (i: number) => presentUse(graph, room, paths[i]);
    const fullest = idle.reduce((worst, i) => (present(i) >= present(worst) ? i : worst));
    indices = indices.filter((i) => i !== fullest);
  }
}

/** The fullest link of a path before anything is added. */
function presentUse(graph: FlatGraph, room: Room, path: Found | undefined): number {
  return Math.max(0, ...(path?.edges ?? []).map((edge) => useOf(graph, room, edge, 0)));
}

/** How often each path crosses each edge that any of them crosses. */
function crossings(paths: readonly Found[]): Map<number, number[]> {
  const counts = new Map<number, number[]>();
  paths.forEach(({ edges }, path) => {
    for (const edge of edges) {
      const row = counts.get(edge) ?? paths.map(() => 0);
      row[path] = (row[path] as number) + 1;
      counts.set(edge, row);
    }
  });
  return counts;
}

/**
 * Links that all paths cross equally often are as full whatever the parts, and must not hide what the parts do elsewhere. Where nothing is
 * reserved yet the parts are those of a little.
 */
function bestParts(graph: FlatGraph, room: Room, paths: readonly Found[]): readonly number[] {
  const some = room.mbps > 0 ? room : { ...room, mbps: A_LITTLE_MBPS };
  const rows = [...crossings(paths)]
    .filter(([, row]) => row.some((count) => count !== row[0]))
    .map(([edge, row]) => row.map((count) => useOf(graph, some, edge, count)));
  if (rows.length === 0) return paths.map((_, i) => (i === 0 ? 1 : 0));
  return leastMaximum(rows).parts;
}

/** Utilisation of an edge that so many times the reservation crosses. */
function useOf({ capacityMbps }: FlatGraph, room: Room, edge: number, times: number): number {
  const capacity = capacityMbps[edge] as number;
  const used = capacity - room.leftMbps(edge) + times * room.mbps;
  if (capacity === 0) return used === 0 ? 0 : OVERFULL;
  return used / capacity;
}

function greatestUse(graph: FlatGraph, room: Room, paths: readonly Found[], weights: readonly number[]): number {
  let greatest = 0;
  for (const [edge, row] of crossings(paths)) {
    const times = row.reduce((sum, count, path) => sum + (count * (weights[path] as number)) / SPLIT_TOTAL, 0);
    greatest = Math.max(greatest, useOf(graph, room, edge, times));
  }
  return greatest;
}

/** Whole numbers that add up to SPLIT_TOTAL: what rounding down leaves goes to those that lost most. */
function wholeParts(parts: readonly number[]): number[] {
  const sum = parts.reduce((total, part) => total + part, 0);
  const exact = parts.map((part) => (part / sum) * SPLIT_TOTAL);
  const whole = exact.map((value) => Math.floor(value));
  const left = SPLIT_TOTAL - whole.reduce((total, value) => total + value, 0);
  const byLoss = exact
    .map((value, i) => ({ i, loss: value - Math.floor(value) }))
    .sort((a, b) => b.loss - a.loss || a.i - b.i);
  for (const { i } of byLoss.slice(0, left)) whole[i] = (whole[i] as number) + 1;
  return whole;
}
