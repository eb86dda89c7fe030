import type { Carriage } from "../ecmp/carriage";
import { MasterProblem, type MasterSolution } from "./master-problem";
import type { Oracle } from "./oracle";
import { costOf, type Working } from "./problem";

export interface GenerationLimits {
  readonly eligible?: ReadonlySet<number>;
  readonly rounds: number;
  /** Ends after so many rounds that gain next to nothing. */
  readonly patience: number;
  readonly columnsPerRound: number;
  /** Ends when the highest utilisation is at most this times the bound. */
  readonly gap: number;
  readonly onProgress: (mlu: number) => void;
}

/** Part of a demand on a way other than its present one. */
export interface Part {
  readonly demand: number;
  readonly carriage: Carriage;
  /** Above 0, at most 1. */
  readonly part: number;
}

export interface Generated {
  readonly mlu: number;
  /** No split over the oracle's ways of the eligible demands is below this. */
  readonly bound: number;
  readonly parts: readonly Part[];
  readonly rounds: number;
}

/** A part below this is the solver's rounding. */
const LEAST_PART = 1e-7;

/**
 * Column generation (Dantzig and Wolfe 1960): solves the linear program over the ways known, asks the oracle for cheaper ones at the
 * prices that come out, adds the most useful, and begins again. Every round's prices give a bound (Lagrangian): what all links cost at
 * those prices, less all that could be saved.
 */
export async function generateColumns(working: Working, oracle: Oracle, limits: GenerationLimits): Promise<Generated> {
  const { eligible } = limits;
  const demands = eligible === undefined ? working.movable : working.movable.filter((demand) => eligible.has(demand));
  const master = await MasterProblem.create(working);
  let bound = 0;
  let best: MasterSolution | undefined;
  let rounds = 0;
  const course: number[] = [];
  try {
    for (; rounds < limits.rounds; rounds++) {
      const solution = master.solve();
      if (solution === undefined) break;
      best = solution;
      course.push(solution.mlu);
      limits.onProgress(solution.mlu);
      oracle.update(solution.price);
      const { candidates, total } = priceDemands(working, oracle, master, solution, demands);
      bound = Math.max(bound, total);
      if (candidates.length === 0 || solution.mlu <= bound * limits.gap || stalls(course, limits.patience)) break;
      for (const { demand } of candidates.slice(0, limits.columnsPerRound)) {
        const carriage = oracle.carriage(working.demands.from[demand] as number, working.demands.to[demand] as number);
        if (carriage !== undefined) master.add(demand, carriage);
      }
    }
    if (best === undefined) throw new Error("the linear program of a placement has a solution: the placement itself");
    return { mlu: best.mlu, bound, parts: partsOf(master, best), rounds };
  } finally {
    master.dispose();
  }
}

/** Column generation crawls towards its end: rounds that gain no more than this together are not worth their time. */
const STALL_GAIN = 1e-3;

function stalls(course: readonly number[], patience: number): boolean {
  const earlier = course.at(-1 - patience);
  const now = course.at(-1);
  return earlier !== undefined && now !== undefined && now > earlier * (1 - STALL_GAIN);
}

interface Candidate {
  readonly demand: number;
  readonly gain: number;
}

/** Ways worth adding, the most useful first, and the bound. */
function priceDemands(
  working: Working,
  oracle: Oracle,
  master: MasterProblem,
  { price, rowPrice }: MasterSolution,
  demands: readonly number[],
): { candidates: Candidate[]; total: number } {
  const { from, to, mbps } = working.demands;
  const links = price.length;
  let total = 0;
  for (let link = 0; link < links; link++) total += (price[link] as number) * (working.loadMbps[link] as number);
  const candidates: Candidate[] = [];
  for (const demand of demands) {
    const now = working.now[demand];
    if (now === undefined) continue;
    const saving =
      (costOf(now, price) - oracle.cost(from[demand] as number, to[demand] as number)) * (mbps[demand] as number);
    if (saving <= 0) continue;
    total -= saving;
    const row = master.rowOf(demand);
    const gain = saving - (row === undefined ? 0 : (rowPrice[row - links] as number));
    if (gain > 1e-9) candidates.push({ demand, gain });
  }
  candidates.sort((a, b) => b.gain - a.gain || a.demand - b.demand);
  return { candidates, total };
}

function partsOf(master: MasterProblem, { parts }: MasterSolution): Part[] {
  return master.columns.flatMap(({ demand, carriage }, i) => {
    const part = parts[i] ?? 0;
    return part < LEAST_PART ? [] : [{ demand, carriage, part: Math.min(1, part) }];
  });
}
