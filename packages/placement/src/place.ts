import { SextantError } from "@sextant/model";
import type { DemandSet } from "./demands";
import { Ecmp } from "./ecmp/ecmp";
import { type Evaluation, evaluate, plainPlacement } from "./ecmp/evaluate";
import type { PlacementNetwork } from "./network";
import { applyParts } from "./optimise/apply-parts";
import { type GenerationLimits, generateColumns } from "./optimise/column-generation";
import { limitedSearch } from "./optimise/limited-search";
import { ListPrices } from "./optimise/list-prices";
import { localSearch, type SearchLimits } from "./optimise/local-search";
import { type MoveOrder, orderMoves } from "./optimise/order-moves";
import type { Oracle } from "./optimise/oracle";
import { beginWith, move, type Working, workingMlu } from "./optimise/problem";
import { revertNeedless } from "./optimise/revert";
import { endpointsOf } from "./optimise/useful-midpoints";
import { type Placement, PLAIN } from "./placement";

/** Prices between all pairs of nodes are kept in full: 32 bytes a pair, so some 128 MB. */
export const MAX_PLACED_NODES = 2_000;
/** Work of all pricings of a search, in steps, within bounds for their number. */
const SEARCH_STEPS = 3_000_000_000;
const MOST_PRICINGS = 400;
const LEAST_PRICINGS = 24;
/** Moves between two pricings; where pricings are scarce this share of all demands, if that is more. */
const LEAST_MOVES = 200;
const MOVED_SHARE = 1 / LEAST_PRICINGS;
const SPLIT = { rounds: 30, patience: 6, columnsPerRound: 200, gap: 1.0005 };

export type PlaceStage = "search" | "split";

export interface PlaceOptions {
  /** Midpoints of a list at most: 0, 1 or 2. */
  readonly maxMidpoints: number;
  /** What the network does now; plain routing when absent, and for demands whose lists have no way any more. */
  readonly start?: Placement;
  /** Demands that may change their lists; all when absent. */
  readonly maxMoves?: number;
  /** Called every few milliseconds with the highest utilisation so far. */
  readonly onProgress?: (stage: PlaceStage, mlu: number) => void;
}

export interface Placed {
  readonly placement: Placement;
  /** Plain routing, the start, and the result. */
  readonly plain: Evaluation;
  readonly before: Evaluation;
  readonly after: Evaluation;
  /** The moves from the start to the result in an order that overbooks no link. */
  readonly order: MoveOrder;
}

/**
 * Segment lists for every demand such that the highest link utilisation is low: a local search that moves whole demands, then a linear
 * program that splits a few over several lists. Deterministic: work is limited by counts, not by time. Throws SextantError
 * `resource_exhausted` for networks of more than MAX_PLACED_NODES nodes.
 */
export async function place(network: PlacementNetwork, demands: DemandSet, options: PlaceOptions): Promise<Placed> {
  const nodes = network.nodeNames.length;
  if (nodes > MAX_PLACED_NODES) {
    throw new SextantError("resource_exhausted", `placement takes ${MAX_PLACED_NODES} nodes, the network has ${nodes}`);
  }
  const ecmp = new Ecmp(network);
  const plain = evaluate(ecmp, demands, plainPlacement(demands));
  const start = usable(ecmp, demands, options.start ?? plainPlacement(demands));
  const before = options.start === undefined ? plain : evaluate(ecmp, demands, start);
  const working = beginWith(ecmp, demands, start);
  await improve(working, options);
  const order = orderMoves(working);
  const placement = resultOf(working, start);
  return { placement, plain, before, after: evaluate(ecmp, demands, placement), order };
}

/** The placement, plain where its lists have no way any more: their packets are lost already, so that is no move. */
function usable(ecmp: Ecmp, demands: DemandSet, start: Placement): Placement {
  const lost = new Set(evaluate(ecmp, demands, start).unroutable);
  return lost.size === 0 ? start : start.map((lists, demand) => (lost.has(demand) ? PLAIN : lists));
}

async function improve(working: Working, options: PlaceOptions): Promise<void> {
  const { maxMidpoints, maxMoves = Number.POSITIVE_INFINITY, onProgress } = options;
  const first = workingMlu(working);
  const oracle = new ListPrices(working.ecmp, endpointsOf(working), maxMidpoints);
  const limits = searchLimits(working, oracle, (mlu) => onProgress?.("search", mlu));
  const isLimited = maxMoves < working.movable.length;
  const moved = isLimited ? limitedSearch(working, oracle, limits, maxMoves) : undefined;
  if (!isLimited) localSearch(working, oracle, limits);
  // A lower potential nearly always means a lower maximum; where it does not, everything goes back.
  if (workingMlu(working) > first) restore(working);
  revertNeedless(working);
  const split = { ...SPLIT, onProgress: (mlu: number) => onProgress?.("split", mlu) };
  if (moved !== undefined) await fillUp(working, oracle, split, moved, maxMoves);
  const { parts } = await generateColumns(working, oracle, moved === undefined ? split : { ...split, eligible: moved });
  applyParts(working, parts);
  revertNeedless(working);
}

/** Where a pricing is dear there are fewer of them, and more moves between two. */
function searchLimits({ movable }: Working, oracle: ListPrices, onProgress: SearchLimits["onProgress"]): SearchLimits {
  const affordable = Math.floor(SEARCH_STEPS / Math.max(1, oracle.steps));
  const pricings = Math.max(LEAST_PRICINGS, Math.min(MOST_PRICINGS, affordable));
  const isScarce = pricings < MOST_PRICINGS;
  const movesPerPricing = isScarce ? Math.max(LEAST_MOVES, Math.ceil(movable.length * MOVED_SHARE)) : LEAST_MOVES;
  return { movesPerPricing, pricings, onProgress };
}

/** Where whole demands leave moves unused: those of which the linear program would send most another way, if it had its will. */
async function fillUp(
  working: Working,
  oracle: Oracle,
  limits: GenerationLimits,
  moved: Set<number>,
  maxMoves: number,
): Promise<void> {
  for (const demand of moved) if (working.now[demand] === working.start[demand]) moved.delete(demand);
  if (moved.size >= maxMoves) return;
  const { parts } = await generateColumns(working, oracle, limits);
  const sent = new Map<number, number>();
  for (const { demand, part } of parts) {
    if (!moved.has(demand)) {
      sent.set(demand, (sent.get(demand) ?? 0) + part * (working.demands.mbps[demand] as number));
    }
  }
  const most = [...sent].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, maxMoves - moved.size);
  for (const [demand] of most) moved.add(demand);
}

function restore(working: Working): void {
  for (const demand of working.movable) {
    const start = working.start[demand];
    if (start !== undefined && start !== working.now[demand]) move(working, demand, start);
  }
}

/** Demands of nothing stay as they were. */
function resultOf({ demands, now, ecmp }: Working, start: Placement): Placement {
  return Array.from(demands.mbps, (_, demand) => {
    const lists = now[demand]?.lists ?? start[demand] ?? PLAIN;
    if (lists !== PLAIN) return lists;
    const way = ecmp.shares(demands.from[demand] as number, demands.to[demand] as number);
    return way === undefined ? [] : PLAIN;
  });
}
