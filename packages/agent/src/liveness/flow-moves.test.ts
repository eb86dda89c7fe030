import { kernelKeyOf, type ListKey } from "@sextant/model";
import { FlowMoves } from "./flow-moves";

const FAST = "list/00000000000000aa" as ListKey;
const SLOW = "list/00000000000000bb" as ListKey;
const counts = (fast: bigint, slow: bigint) =>
  new Map([
    [kernelKeyOf(FAST), fast],
    [kernelKeyOf(SLOW), slow],
  ]);

test("what is counted after the first look is told once, per list; a list made anew counts from zero", () => {
  const moves = new FlowMoves();
  const entries = [FAST, SLOW, "policy/calls/bob"];
  expect(moves.since(counts(7n, 0n), entries)).toEqual([]);
  expect(moves.since(counts(9n, 1n), entries)).toEqual([
    { list: FAST, flows: 2 },
    { list: SLOW, flows: 1 },
  ]);
  expect(moves.since(counts(9n, 0n), entries)).toEqual([]);
  expect(moves.since(counts(9n, 2n), entries)).toEqual([{ list: SLOW, flows: 2 }]);
});
