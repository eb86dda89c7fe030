import { mostMidpoints, type Placed, type WeightedList } from "@sextant/placement";
import { type Cell, renderTable } from "../output/table";
import { formatMbps } from "../output/units";
import type { PlacementInput } from "./load-input";

/** What one run gave. */
export interface PlacementReport {
  readonly instance: string;
  readonly placed: Placed;
  readonly seconds: number;
  readonly lowerBound?: number;
}

/** Links shown, the fullest first, and demands that have more than plain routing, in order of their moves. */
const SHOWN_LINKS = 5;
const SHOWN_DEMANDS = 10;
const NAMED = 5;

/** Tables for people: before and after, the fullest links, the greatest of the demands that moved. */
export function renderPlacement(input: PlacementInput, report: PlacementReport, colour: boolean): string[] {
  const { placed } = report;
  return [
    ...renderTable(["", "MLU"], summaryRows(report), colour),
    "",
    ...countLines(input, report),
    "",
    ...renderTable(["FULLEST LINKS", "CAPACITY", "BEFORE", "AFTER"], linkRows(input, placed), colour),
    ...moveLines(input, placed, colour),
  ];
}

function summaryRows({ placed, lowerBound }: PlacementReport): Cell[][] {
  return [
    ["plain routing", percent(placed.plain.mlu)],
    ...(placed.before === placed.plain ? [] : [["at the start", percent(placed.before.mlu)]]),
    ["placed", percent(placed.after.mlu)],
    ...(lowerBound === undefined ? [] : [["lower bound", percent(lowerBound)]]),
  ];
}

function countLines({ demands }: PlacementInput, { placed, seconds }: PlacementReport): string[] {
  const { placement, order, after } = placed;
  const split = placement.filter((lists) => lists.length > 1).length;
  const named = (list: readonly number[]) => {
    const names = list.slice(0, NAMED).map((demand) => demands.names[demand] ?? "");
    return list.length > NAMED ? `${names.join(", ")} and ${list.length - NAMED} more` : names.join(", ");
  };
  const blocked = order.blocked.map(({ demand }) => demand);
  return [
    `${placement.length} demands: ${order.steps.length} moved, ${split} split, at most ${mostMidpoints(placement)} midpoints, ${seconds.toFixed(2)} s`,
    `highest utilisation while moving: ${percent(order.peak)}`,
    ...(blocked.length > 0 ? [`no order of moves has room for: ${named(blocked)}`] : []),
    ...(after.unroutable.length > 0 ? [`no way for: ${named(after.unroutable)}`] : []),
  ];
}

function linkRows({ network }: PlacementInput, { before, after }: Placed): Cell[][] {
  const { linkNames, capacityMbps } = network;
  const usedBefore = (link: number) => (before.loadMbps[link] ?? 0) / (capacityMbps[link] ?? 1);
  const usedAfter = (link: number) => (after.loadMbps[link] ?? 0) / (capacityMbps[link] ?? 1);
  const fullest = linkNames.map((_, link) => link);
  fullest.sort((a, b) => usedAfter(b) - usedAfter(a) || a - b);
  return fullest
    .slice(0, SHOWN_LINKS)
    .map((link) => [
      linkNames[link] ?? "",
      formatMbps(capacityMbps[link] ?? 0),
      utilisation(usedBefore(link)),
      utilisation(usedAfter(link)),
    ]);
}

function moveLines({ network, demands }: PlacementInput, { placement, order }: Placed, colour: boolean): string[] {
  if (order.steps.length === 0) return [];
  const named = (names: readonly string[], list: readonly number[]) => list.map((i) => names[i] ?? "").join(" ");
  const describe = ({ midpoints, links }: WeightedList) => {
    if (links !== undefined) return `links ${named(network.linkNames, links)}`;
    return midpoints.length === 0 ? "plain" : named(network.nodeNames, midpoints);
  };
  const rows = order.steps.slice(0, SHOWN_DEMANDS).flatMap((demand) =>
    (placement[demand] ?? []).map((list, i): Cell[] => {
      const first = i === 0 ? [demands.names[demand] ?? "", formatMbps(demands.mbps[demand] ?? 0)] : ["", ""];
      return [...first, String(list.weight), describe(list)];
    }),
  );
  const rest = order.steps.length - SHOWN_DEMANDS;
  return [
    "",
    ...renderTable(["MOVES, IN ORDER", "TRAFFIC", "WEIGHT", "MIDPOINTS"], rows, colour),
    ...(rest > 0 ? [`and ${rest} more: -o json has them all`] : []),
  ];
}

/** A link beyond its capacity loses packets. */
function utilisation(ratio: number): Cell {
  return { text: percent(ratio), tone: ratio > 1 ? "bad" : "plain" };
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(2)} %`;
}

/** The documented JSON, in one line. */
export function renderPlacementJson({ network, demands }: PlacementInput, report: PlacementReport): string[] {
  const { instance, placed, seconds, lowerBound } = report;
  const { plain, before, after, placement, order } = placed;
  const node = (index: number | undefined) => network.nodeNames[index ?? -1] ?? "";
  const demand = (index: number) => demands.names[index] ?? "";
  const lists = placement.map((own, i) => ({
    demand: demand(i),
    from: node(demands.from[i]),
    to: node(demands.to[i]),
    mbps: demands.mbps[i],
    lists: own.map(({ weight, midpoints, links }) =>
      links === undefined
        ? { weight, midpoints: midpoints.map(node) }
        : { weight, links: links.map((link) => network.linkNames[link] ?? "") },
    ),
  }));
  const value = {
    instance,
    ecmpMlu: plain.mlu,
    startMlu: before.mlu,
    mlu: after.mlu,
    ...(lowerBound === undefined ? {} : { lowerBound }),
    maxMidpoints: mostMidpoints(placement),
    seconds,
    moved: order.steps.map(demand),
    blocked: order.blocked.map((one) => ({ demand: demand(one.demand), link: network.linkNames[one.link] ?? "" })),
    peakMlu: order.peak,
    unroutable: after.unroutable.map(demand),
    lists,
  };
  return [JSON.stringify(value)];
}
