import type { Reservation } from "./reservation";

export type Choice =
  | { readonly victims: readonly Reservation[] }
  | { readonly link: number; readonly missingBps: number };

/**
 * Which reservations make room for another. Only those with a hold priority worse than its setup priority, and no class of them while
 * worse classes suffice. Of what is left, everything that can stay stays: the most important first, then the greatest. So no victim is
 * taken in vain. `missing` says how much each link lacks, `on` what is reserved there.
 */
export function chooseVictims(
  wanted: Reservation,
  missing: ReadonlyMap<number, number>,
  on: (link: number) => Iterable<Reservation>,
): Choice {
  const spare = new Map([...missing].map(([link, bps]) => [link, -bps]));
  const victims: Reservation[] = [];
  for (const group of byClass(wanted, missing, on)) {
    if (fits(spare)) break;
    for (const victim of group) shift(spare, victim, 1);
    victims.push(...group);
  }
  const [worst] = [...spare].sort((a, b) => a[1] - b[1]);
  if (worst !== undefined && worst[1] < 0) return { link: worst[0], missingBps: -worst[1] };
  victims.sort(
    (a, b) =>
      a.request.holdPriority - b.request.holdPriority ||
      b.request.mbps - a.request.mbps ||
      (a.request.id < b.request.id ? -1 : 1),
  );
  return { victims: victims.filter((victim) => !staysAfterAll(spare, victim)) };
}

/** Candidates by hold priority, the least important class first. */
function byClass(
  { request }: Reservation,
  missing: ReadonlyMap<number, number>,
  on: (link: number) => Iterable<Reservation>,
): Reservation[][] {
  const classes = new Map<number, Set<Reservation>>();
  for (const link of missing.keys()) {
    for (const candidate of on(link)) {
      const { holdPriority } = candidate.request;
      if (holdPriority <= request.setupPriority) continue;
      const known = classes.get(holdPriority);
      if (known === undefined) classes.set(holdPriority, new Set([candidate]));
      else known.add(candidate);
    }
  }
  return [...classes].sort((a, b) => b[0] - a[0]).map(([, group]) => [...group]);
}

function staysAfterAll(spare: Map<number, number>, victim: Reservation): boolean {
  shift(spare, victim, -1);
  if (fits(spare)) return true;
  shift(spare, victim, 1);
  return false;
}

function shift(spare: Map<number, number>, { bpsOnLink }: Reservation, sign: 1 | -1): void {
  for (const [link, bps] of bpsOnLink) {
    const known = spare.get(link);
    if (known !== undefined) spare.set(link, known + sign * bps);
  }
}

function fits(spare: ReadonlyMap<number, number>): boolean {
  for (const bps of spare.values()) if (bps < 0) return false;
  return true;
}
