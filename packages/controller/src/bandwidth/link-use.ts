import type { ReservationLedger } from "@sextant/placement";
import { directedLinkOf } from "../topology/directed-link";
import type { TopologySnapshot } from "../topology/snapshot";

/** The worst priority finds what everybody has left. */
const WORST_PRIORITY = 7;

/** One direction of a link on which bandwidth is reserved. */
export interface LinkUse {
  readonly link: string;
  /** Node that it leaves. */
  readonly from: string;
  readonly reservedMbps: number;
  /** What can still be reserved without pre-emption; absent where the link states no capacity. */
  readonly leftMbps?: number;
}

/** Directions of links with reservations, in order of node and link. */
export function linkUses(ledger: ReservationLedger, { flat }: TopologySnapshot): LinkUse[] {
  return ledger.linksInUse().map((edge) => {
    const isLimited = flat.capacityMbps[edge] !== Number.MAX_SAFE_INTEGER;
    return {
      ...directedLinkOf(flat, edge),
      reservedMbps: ledger.usedMbps(edge),
      ...(isLimited ? { leftMbps: ledger.leftMbps(edge, WORST_PRIORITY) } : {}),
    };
  });
}
