import { testTopology } from "../testing/topology";
import { computeNextHops } from "./next-hops";

const allUp = () => true;

/** `link/neighbour` of each next hop from one node to another. */
function hops(
  topology: ReturnType<typeof testTopology>,
  from: string,
  to: string,
  isUp: (link: string) => boolean = allUp,
) {
  return (computeNextHops(topology, isUp).get(from)?.get(to) ?? []).map(
    ({ link, neighbour }) => `${link}/${neighbour}`,
  );
}

describe("a diamond", () => {
  //        n
  //   10 /   \ 10
  //    w       e ── h        g hangs off w
  //   10 \   / 10
  //        s
  const diamond = testTopology("w n s e g@w h@e", "w-n:10 n-e:10 w-s:10 s-e:10");

  test.each([
    ["w", "n", ["w-n/n"]],
    ["w", "e", ["w-n/n", "w-s/s"]],
    ["w", "h", ["w-n/n", "w-s/s"]],
    ["g", "h", ["g-w/w"]],
    ["e", "h", ["h-e/h"]],
    ["n", "g", ["w-n/w"]],
    ["w", "w", []],
  ])("from %s to %s", (from, to, expected) => {
    expect(hops(diamond, from, to)).toEqual(expected);
  });

  test("a link that is down is not used", () => {
    expect(hops(diamond, "w", "e", (link) => link !== "w-n")).toEqual(["w-s/s"]);
  });

  test("what cannot be reached has no entry", () => {
    const table = computeNextHops(diamond, (link) => link !== "h-e");
    expect(table.get("w")?.has("h")).toBe(false);
    expect(table.get("h")?.size).toBe(0);
  });
});

describe("parallel links", () => {
  //    ═ north 10 ═
  //  a ═ south 10 ═ b ── 5 ── c
  //    ═ dear  11 ═
  const parallel = testTopology("a b c", "a-b:10=north a-b:10=south a-b:11=dear b-c:5");

  test.each([
    ["a", "b", ["north/b", "south/b"]],
    ["a", "c", ["north/b", "south/b"]],
    ["b", "a", ["north/a", "south/a"]],
  ])("from %s to %s all of the cheapest are used", (from, to, expected) => {
    expect(hops(parallel, from, to)).toEqual(expected);
  });

  test("the dear one takes over when both cheap ones are down", () => {
    expect(hops(parallel, "a", "c", (link) => link === "dear" || link === "b-c")).toEqual(["dear/b"]);
  });
});

describe("hosts on two routers", () => {
  //        h              h would be a short cut between a and b: it never carries transit
  //     0 / \ 0
  //      a───b
  //       100
  const dualHomed = testTopology("a b h@a,b g@b", "a-b:100");

  test.each([
    ["a", "b", ["a-b/b"]],
    ["a", "g", ["a-b/b"]],
    ["a", "h", ["h-a/h"]],
    ["b", "h", ["h-b/h"]],
    ["h", "a", ["h-a/a"]],
    ["h", "g", ["h-b/b"]],
    ["g", "h", ["g-b/b"]],
  ])("from %s to %s", (from, to, expected) => {
    expect(hops(dualHomed, from, to)).toEqual(expected);
  });
});

test("metrics are those of the direction", () => {
  //  a ──1 there, 50 back── b,  a ──10── c ──10── b
  const oneWay = testTopology("a b c", "a-b:1/50 a-c:10 c-b:10");
  expect(hops(oneWay, "a", "b")).toEqual(["a-b/b"]);
  expect(hops(oneWay, "b", "a")).toEqual(["c-b/c"]);
});

test("routers at no distance from each other never send the same packet back and forth", () => {
  //   10 ┌── a ──┐
  //    d      0  │      both are 10 away from d
  //   10 └── b ──┘
  const zero = testTopology("a b d", "a-b:0 a-d:10 b-d:10");
  expect(hops(zero, "a", "d")).toEqual(["a-d/d"]);
  expect(hops(zero, "b", "d")).toEqual(["b-d/d"]);
  expect(hops(zero, "a", "b")).toEqual(["a-b/b"]);
});
