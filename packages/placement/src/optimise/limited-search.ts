import { Potential, type SearchLimits } from "./local-search";
import type { Oracle } from "./oracle";
import { revertNeedless } from "./revert";
import type { Working } from "./problem";

/** Steep enough for the fullest links to decide, not so steep that one link hides the next. */
const STEEPNESS = 64;
/** Part of the budget that is given away between two pricings. */
const STEP = 0.1;
const ROUNDS = 60;

/**
 * Moves at most `maxMoves` demands: again and again those with the greatest saving, and those that have moved already once more where
 * that helps. A demand that need not have moved goes back and makes room. Returns the demands that have moved.
 */
export function limitedSearch(working: Working, oracle: Oracle, limits: SearchLimits, maxMoves: number): Set<number> {
  const potential = new Potential(working, oracle, limits);
  const moved = new Set<number>();
  for (let round = 0; round < ROUNDS && maxMoves > 0 && potential.reprice(STEEPNESS); round++) {
    const before = potential.moves;
    for (const demand of moved) if (!potential.improve(demand)) return moved;
    if (moved.size === maxMoves) makeRoom(working, moved);
    const room = Math.min(maxMoves - moved.size, Math.ceil(maxMoves * STEP));
    for (const demand of mostSaving(potential, moved, room)) {
      if (!potential.improve(demand)) return moved;
      if (working.now[demand] !== working.start[demand]) moved.add(demand);
    }
    if (potential.moves === before) break;
  }
  return moved;
}

function makeRoom(working: Working, moved: Set<number>): void {
  revertNeedless(working);
  for (const demand of moved) if (working.now[demand] === working.start[demand]) moved.delete(demand);
}

function mostSaving(potential: Potential, moved: ReadonlySet<number>, count: number): number[] {
  return potential.working.movable
    .filter((demand) => !moved.has(demand))
    .map((demand) => ({ demand, saving: potential.saving(demand) }))
    .filter(({ saving }) => saving > 0)
    .sort((a, b) => b.saving - a.saving || a.demand - b.demand)
    .slice(0, count)
    .map(({ demand }) => demand);
}
