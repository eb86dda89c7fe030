import { ReservationLedger, type ReservationRequest } from "@sextant/placement";
import fc from "fast-check";
import { check } from "../fuzz";

const LINKS = 4;
const capacities = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: LINKS, maxLength: LINKS });
const request = fc
  .record({
    id: fc.integer({ min: 0, max: 11 }).map((n) => `r${n}`),
    mbps: fc.integer({ min: 0, max: 12 }),
    links: fc.uniqueArray(fc.nat({ max: LINKS - 1 }), { minLength: 1, maxLength: LINKS }),
    share: fc.constantFrom(1, 0.5, 1 / 3),
    priorities: fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 7 })),
  })
  .map(
    ({ id, mbps, links, share, priorities }): ReservationRequest => ({
      id,
      mbps,
      along: { links: Int32Array.from(links), shares: Float64Array.from(links, () => share) },
      setupPriority: Math.max(...priorities),
      holdPriority: Math.min(...priorities),
    }),
  );
const step = fc.oneof(
  { weight: 4, arbitrary: request.map((wanted) => ({ kind: "admit" as const, wanted })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 11 }).map((n) => ({ kind: "release" as const, id: `r${n}` })) },
);

/** Load of each link if exactly these were reserved, in bit/s rounded up, as the ledger promises to count. */
function loadOf(requests: Iterable<ReservationRequest>): number[] {
  const bps = new Array<number>(LINKS).fill(0);
  for (const { mbps, along } of requests) {
    along.links.forEach((link, i) => {
      bps[link] = (bps[link] ?? 0) + Math.ceil(mbps * 1e6 * (along.shares[i] ?? 0));
    });
  }
  return bps;
}

function fits(requests: Iterable<ReservationRequest>, capacity: readonly number[]): boolean {
  return loadOf(requests).every((bps, link) => bps <= (capacity[link] ?? 0) * 1e6);
}

test("whatever comes: never overbooked, nobody pre-empted in vain or by an equal, refused only when nothing helps", () => {
  check(3_000, 20, fc.tuple(capacities, fc.array(step, { maxLength: 40 })), ([capacity, steps]) => {
    const ledger = new ReservationLedger(Float64Array.from(capacity));
    const held = new Map<string, ReservationRequest>();
    for (const one of steps) {
      if (one.kind === "release") {
        expect(ledger.release(one.id)).toBe(held.delete(one.id));
        continue;
      }
      const { wanted } = one;
      const others = [...held.values()].filter(({ id }) => id !== wanted.id);
      const outcome = ledger.admit(wanted);
      if (outcome.kind === "admitted") {
        const gone = new Set(outcome.preempted.map(({ id }) => id));
        const kept = others.filter(({ id }) => !gone.has(id));
        for (const victim of outcome.preempted) {
          expect(victim.holdPriority).toBeGreaterThan(wanted.setupPriority);
          expect(fits([...kept, wanted, victim], capacity)).toBe(false);
        }
        held.clear();
        for (const each of [...kept, wanted]) held.set(each.id, each);
      } else {
        expect(outcome.kind).toBe("no_bandwidth");
        const untouchable = others.filter(({ holdPriority }) => holdPriority <= wanted.setupPriority);
        expect(fits([...untouchable, wanted], capacity)).toBe(false);
      }
      expect(ledger.size).toBe(held.size);
      expect(loadOf(held.values()).map((bps) => bps / 1e6)).toEqual(capacity.map((_, link) => ledger.usedMbps(link)));
      expect(fits(held.values(), capacity)).toBe(true);
    }
  });
});
