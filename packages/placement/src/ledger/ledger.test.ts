import { ReservationLedger } from "./ledger";
import type { ReservationRequest } from "./reservation";

/** `mbps` on all of the links. */
function request(id: string, mbps: number, links: number[], setup: number, hold = setup): ReservationRequest {
  const along = { links: Int32Array.from(links), shares: Float64Array.from(links, () => 1) };
  return { id, mbps, along, setupPriority: setup, holdPriority: hold };
}

function ledgerOf(...requests: ReservationRequest[]): ReservationLedger {
  const ledger = new ReservationLedger(Float64Array.of(10, 10));
  for (const one of requests) expect(ledger.admit(one)).toEqual({ kind: "admitted", preempted: [] });
  return ledger;
}

function preemptedBy(ledger: ReservationLedger, wanted: ReservationRequest): string[] | string {
  const outcome = ledger.admit(wanted);
  return outcome.kind === "admitted" ? outcome.preempted.map(({ id }) => id) : outcome.kind;
}

test.each<[string, ReservationRequest[], ReservationRequest, string[] | string]>([
  ["what fits harms nobody", [request("a", 4, [0], 7)], request("x", 6, [0], 0), []],
  ["an equal is not pre-empted", [request("a", 6, [0], 3)], request("x", 6, [0], 3), "no_bandwidth"],
  ["a worse one is", [request("a", 6, [0], 4)], request("x", 6, [0], 3), ["a"]],
  ["it defends itself by its hold priority", [request("a", 6, [0], 7, 3)], request("x", 6, [0], 3), "no_bandwidth"],
  ["the least important first", [request("a", 5, [0], 5), request("b", 5, [0], 6)], request("x", 5, [0], 0), ["b"]],
  ["no more than is needed", [request("a", 3, [0], 6), request("b", 7, [0], 6)], request("x", 3, [0], 0), ["a"]],
  [
    "only on the links that lack room",
    [request("a", 9, [0], 6), request("b", 9, [1], 7)],
    request("x", 5, [0], 0),
    ["a"],
  ],
  ["one across both instead of two", [request("a", 6, [0, 1], 6)], request("x", 6, [0, 1], 0), ["a"]],
  ["more than a link has", [request("a", 6, [0], 7)], request("x", 11, [0], 0), "no_bandwidth"],
  ["setup better than hold", [], request("x", 1, [0], 2, 3), "invalid"],
  ["a priority of 8", [], request("x", 1, [0], 8), "invalid"],
  ["less than nothing", [], request("x", -1, [0], 7), "invalid"],
  ["no number", [], request("x", Number.NaN, [0], 7), "invalid"],
  ["a link that is not there", [], request("x", 1, [2], 7), "invalid"],
])("%s", (_, present, wanted, expected) => {
  expect(preemptedBy(ledgerOf(...present), wanted)).toEqual(expected);
});

test("a refusal changes nothing and says what is missing where", () => {
  const ledger = ledgerOf(request("a", 6, [0, 1], 2));
  expect(ledger.admit(request("x", 7, [0], 2))).toEqual({ kind: "no_bandwidth", link: 0, missingMbps: 3 });
  expect([ledger.usedMbps(0), ledger.usedMbps(1), ledger.size]).toEqual([6, 6, 1]);
});

test("a reservation that asks anew gives up what it had; where that is refused, it keeps it", () => {
  const ledger = ledgerOf(request("a", 6, [0], 2), request("b", 3, [1], 2));
  expect(preemptedBy(ledger, request("a", 7, [1], 2))).toEqual([]);
  expect([ledger.usedMbps(0), ledger.usedMbps(1)]).toEqual([0, 10]);
  expect(preemptedBy(ledger, request("a", 8, [1], 2))).toBe("no_bandwidth");
  expect(ledger.find("a")?.mbps).toBe(7);
});

test("a full ledger takes no new ones", () => {
  const ledger = new ReservationLedger(Float64Array.of(10), 1);
  expect(preemptedBy(ledger, request("a", 1, [0], 7))).toEqual([]);
  expect(preemptedBy(ledger, request("b", 1, [0], 0))).toBe("full");
  expect(preemptedBy(ledger, request("a", 2, [0], 7))).toEqual([]);
  expect([ledger.release("a"), ledger.release("a"), ledger.usedMbps(0)]).toEqual([true, false, 0]);
});

test("what is left is told by priority, and which links lack how much", () => {
  const ledger = new ReservationLedger(Float64Array.of(10, 4, 20));
  for (const one of [request("a", 6, [0], 5, 2), request("b", 3, [0, 2], 7)]) ledger.admit(one);
  expect([0, 2, 5, 7].map((priority) => ledger.leftMbps(0, priority))).toEqual([10, 4, 4, 1]);
  expect([1, 4, 5, 11].map((mbps) => ledger.linksWithout(mbps, 7))).toEqual([[], [0], [0, 1], [0, 1]]);
  expect([1, 4, 5, 11].map((mbps) => ledger.linksWithout(mbps, 0))).toEqual([[], [], [1], [0, 1]]);
  expect(ledger.linksInUse()).toEqual([0, 2]);
  ledger.release("a");
  expect([ledger.linksWithout(5, 7), ledger.leftMbps(0, 7)]).toEqual([[1], 7]);
});
