import type { Carriage } from "../ecmp/carriage";
import { move, type Working, workingMlu } from "./problem";

/** Loads are sums of many terms: what differs by this share is equal. */
const SLACK = 1 + 1e-9;

/**
 * Puts every demand back to where it was at the start if no link then exceeds the highest utilisation there is now: what moved early
 * for a reason that has gone stays put after all. The smallest first, so that most go back.
 */
export function revertNeedless(working: Working): void {
  const limit = workingMlu(working) * SLACK;
  for (let i = working.movable.length - 1; i >= 0; i--) {
    const demand = working.movable[i] as number;
    const start = working.start[demand];
    const now = working.now[demand];
    if (start === undefined || now === undefined || start === now) continue;
    move(working, demand, start);
    if (exceeds(working, start, limit)) move(working, demand, now);
  }
}

function exceeds({ ecmp, loadMbps }: Working, { links }: Carriage, limit: number): boolean {
  const { capacityMbps } = ecmp.network;
  for (const link of links) {
    if ((loadMbps[link] as number) > limit * (capacityMbps[link] as number)) return true;
  }
  return false;
}
