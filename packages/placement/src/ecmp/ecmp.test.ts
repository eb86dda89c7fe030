import { buildDemands } from "../demands";
import { buildNetwork } from "../network";
import { Ecmp } from "./ecmp";
import { evaluate } from "./evaluate";

/*
 *        1 ─── 3
 *      ╱         ╲
 *    0 ─── 2 ───── 4 ─── 5 (host)
 *
 * All metrics 1, every link in both directions; 0-1-3-4 costs 3, so 0-2 has metric 2: both ways cost 3.
 */
const PAIRS: [number, number, number][] = [
  [0, 1, 1],
  [1, 3, 1],
  [3, 4, 1],
  [0, 2, 2],
  [2, 4, 1],
  [4, 5, 0],
];
const network = buildNetwork(
  [0, 1, 2, 3, 4, 5].map((node) => ({ name: String(node), isHost: node === 5 })),
  PAIRS.flatMap(([a, b, igp]) => [
    { name: `${a}>${b}`, from: a, to: b, igp, capacityMbps: 100 },
    { name: `${b}>${a}`, from: b, to: a, igp, capacityMbps: 100 },
  ]),
);

function loads(from: number, to: number, ...midpoints: number[]): Record<string, number> {
  const demands = buildDemands([{ name: "d", from, to, mbps: 10 }]);
  const { loadMbps } = evaluate(new Ecmp(network), demands, [[{ weight: 1, midpoints }]]);
  return Object.fromEntries(
    network.linkNames.flatMap((name, link) => (loadMbps[link] ? [[name, loadMbps[link]]] : [])),
  );
}

test.each<[string, number, number, number[], Record<string, number>]>([
  ["equal ways share", 0, 5, [], { "0>1": 5, "1>3": 5, "3>4": 5, "0>2": 5, "2>4": 5, "4>5": 10 }],
  ["a midpoint picks one", 0, 5, [2], { "0>2": 10, "2>4": 10, "4>5": 10 }],
  ["a way may go back where it came from", 2, 4, [0], { "2>0": 10, "0>1": 5, "1>3": 5, "3>4": 5, "0>2": 5, "2>4": 5 }],
  ["a node to itself loads nothing", 3, 3, [], {}],
])("%s", (_, from, to, midpoints, expected) => {
  expect(loads(from, to, ...midpoints)).toEqual(expected);
});

test("nothing goes through a host", () => {
  const demands = buildDemands([{ name: "d", from: 0, to: 1, mbps: 10 }]);
  const island = buildNetwork(
    [
      { name: "a", isHost: false },
      { name: "b", isHost: false },
      { name: "h", isHost: true },
    ],
    [
      { name: "ah", from: 0, to: 2, igp: 0, capacityMbps: 1 },
      { name: "hb", from: 2, to: 1, igp: 0, capacityMbps: 1 },
    ],
  );
  expect(evaluate(new Ecmp(island), demands, [[{ weight: 1, midpoints: [] }]]).unroutable).toEqual([0]);
});
