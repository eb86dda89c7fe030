import type { LinkShares } from "../ecmp/ecmp";

/** Who wants how much, along what. */
export interface ReservationRequest {
  readonly id: string;
  readonly mbps: number;
  /** What it puts on each link, per unit. */
  readonly along: LinkShares;
  /** With what it takes bandwidth from others, and with what it defends its own: the latter is never the worse one. */
  readonly setupPriority: number;
  readonly holdPriority: number;
}

/** A reservation in force. Amounts are whole bit/s, rounded up, so that sums are exact. */
export interface Reservation {
  readonly request: ReservationRequest;
  readonly bpsOnLink: ReadonlyMap<number, number>;
}
