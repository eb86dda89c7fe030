import { chooseVictims } from "./choose-victims";
import type { Reservation, ReservationRequest } from "./reservation";

/** Best and worst of the eight priorities (RFC 3209 section 4.7.1): a smaller number is more important. */
export const BEST_PRIORITY = 0;
export const WORST_PRIORITY = 7;
const PRIORITIES = WORST_PRIORITY + 1;
const MAX_RESERVATIONS = 1_000_000;
const BITS_PER_MBIT = 1_000_000;

export type Admission =
  | { readonly kind: "admitted"; readonly preempted: readonly ReservationRequest[] }
  /** No link may carry more than its capacity, and this one would, with everything gone that the request may take away. */
  | { readonly kind: "no_bandwidth"; readonly link: number; readonly missingMbps: number }
  | { readonly kind: "invalid"; readonly reason: string }
  | { readonly kind: "full" };

/**
 * What is promised on every link. No link is ever promised beyond its capacity. A request that does not fit takes away reservations
 * whose hold priority is worse than its own setup priority, and no more of them than it needs; where even that is not enough, nothing
 * changes. At most 1,000,000 reservations: further ones are refused as `full`.
 */
export class ReservationLedger {
  readonly #capacityBps: Float64Array;
  readonly #usedBps: Float64Array;
  /** Per priority, what is held on each link at that priority or a better one. */
  readonly #heldBps: readonly Float64Array[];
  readonly #reservations = new Map<string, Reservation>();
  /** Links that have any. */
  readonly #onLink = new Map<number, Map<string, Reservation>>();
  /** Links on which the worst priority finds less than `#tightBps`: no other can lack as much for any priority. */
  readonly #tight = new Set<number>();
  #tightBps = 0;

  constructor(
    capacityMbps: Float64Array,
    readonly maxReservations = MAX_RESERVATIONS,
  ) {
    this.#capacityBps = capacityMbps.map((mbps) => Math.floor(mbps * BITS_PER_MBIT));
    this.#heldBps = Array.from({ length: PRIORITIES }, () => new Float64Array(capacityMbps.length));
    // What is held at the worst priority or a better one is all of it.
    this.#usedBps = this.#heldBps[WORST_PRIORITY] as Float64Array;
  }

  get size(): number {
    return this.#reservations.size;
  }

  usedMbps(link: number): number {
    return (this.#usedBps[link] ?? 0) / BITS_PER_MBIT;
  }

  /** Links with a reservation, in order. */
  linksInUse(): number[] {
    return [...this.#onLink.keys()].sort((a, b) => a - b);
  }

  /** What a setup priority finds on a link: its capacity without what is held at that priority or a better one. */
  leftMbps(link: number, priority: number): number {
    return this.#leftBps(link, priority) / BITS_PER_MBIT;
  }

  /** Links on which a setup priority finds less than this, in order. */
  linksWithout(mbps: number, priority: number): number[] {
    const bps = Math.ceil(mbps * BITS_PER_MBIT);
    if (bps > this.#tightBps) this.#tighten(2 * bps);
    return [...this.#tight].filter((link) => this.#leftBps(link, priority) < bps).sort((a, b) => a - b);
  }

  #tighten(bps: number): void {
    this.#tightBps = bps;
    for (let link = 0; link < this.#capacityBps.length; link++) this.#noteTight(link);
  }

  #noteTight(link: number): void {
    if (this.#leftBps(link, WORST_PRIORITY) < this.#tightBps) this.#tight.add(link);
    else this.#tight.delete(link);
  }

  #leftBps(link: number, priority: number): number {
    return (this.#capacityBps[link] ?? 0) - (this.#heldBps[priority]?.[link] ?? 0);
  }

  find(id: string): ReservationRequest | undefined {
    return this.#reservations.get(id)?.request;
  }

  /** Bit/s that a reservation has on each link; undefined where there is none. */
  bpsOf(id: string): ReadonlyMap<number, number> | undefined {
    return this.#reservations.get(id)?.bpsOnLink;
  }

  /** Takes a request in, all of it or nothing. An id that is there already gives up what it has for what it asks now. */
  admit(request: ReservationRequest): Admission {
    const reason = this.#fault(request);
    if (reason !== undefined) return { kind: "invalid", reason };
    const present = this.#reservations.get(request.id);
    if (present === undefined && this.size >= this.maxReservations) return { kind: "full" };
    const wanted = { request, bpsOnLink: this.#amounts(request) };
    if (present !== undefined) this.#remove(present);
    const choice = chooseVictims(
      wanted,
      this.#missing(wanted.bpsOnLink),
      (link) => this.#onLink.get(link)?.values() ?? [],
    );
    if ("link" in choice) {
      if (present !== undefined) this.#add(present);
      return { kind: "no_bandwidth", link: choice.link, missingMbps: choice.missingBps / BITS_PER_MBIT };
    }
    for (const victim of choice.victims) this.#remove(victim);
    this.#add(wanted);
    return { kind: "admitted", preempted: choice.victims.map((victim) => victim.request) };
  }

  /** Gives bandwidth back; false when there is no such reservation. */
  release(id: string): boolean {
    const present = this.#reservations.get(id);
    if (present !== undefined) this.#remove(present);
    return present !== undefined;
  }

  #fault({ mbps, setupPriority, holdPriority, along }: ReservationRequest): string | undefined {
    if (!Number.isFinite(mbps) || mbps < 0) return `${mbps} Mbit/s cannot be reserved`;
    const isPriority = (value: number) => Number.isInteger(value) && value >= BEST_PRIORITY && value <= WORST_PRIORITY;
    if (!isPriority(setupPriority) || !isPriority(holdPriority)) return "priorities are whole numbers from 0 to 7";
    if (setupPriority < holdPriority) return "a setup priority better than the hold priority would pre-empt in circles";
    if (along.links.some((link) => this.#usedBps[link] === undefined)) return "it names a link that is not there";
    return along.shares.every((share) => share >= 0 && Number.isFinite(share)) ? undefined : "it has a share below 0";
  }

  #amounts({ mbps, along: { links, shares } }: ReservationRequest): Map<number, number> {
    const amounts = new Map<number, number>();
    links.forEach((link, i) => {
      const bps = Math.ceil(mbps * BITS_PER_MBIT * (shares[i] ?? 0));
      if (bps > 0) amounts.set(link, (amounts.get(link) ?? 0) + bps);
    });
    return amounts;
  }

  /** By how much each link is too narrow for these amounts; links that are wide enough are left out. */
  #missing(amounts: ReadonlyMap<number, number>): Map<number, number> {
    const missing = new Map<number, number>();
    for (const [link, bps] of amounts) {
      const lacking = (this.#usedBps[link] as number) + bps - (this.#capacityBps[link] as number);
      if (lacking > 0) missing.set(link, lacking);
    }
    return missing;
  }

  #add(reservation: Reservation): void {
    this.#reservations.set(reservation.request.id, reservation);
    for (const [link, bps] of reservation.bpsOnLink) {
      this.#hold(link, reservation.request.holdPriority, bps);
      const present = this.#onLink.get(link) ?? new Map<string, Reservation>();
      this.#onLink.set(link, present.set(reservation.request.id, reservation));
    }
  }

  #remove(reservation: Reservation): void {
    this.#reservations.delete(reservation.request.id);
    for (const [link, bps] of reservation.bpsOnLink) {
      this.#hold(link, reservation.request.holdPriority, -bps);
      const present = this.#onLink.get(link);
      present?.delete(reservation.request.id);
      if (present?.size === 0) this.#onLink.delete(link);
    }
  }

  #hold(link: number, holdPriority: number, bps: number): void {
    for (const held of this.#heldBps.slice(holdPriority)) held[link] = (held[link] as number) + bps;
    this.#noteTight(link);
  }
}
