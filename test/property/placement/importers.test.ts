import { readDemands, readGraph } from "@sextant/placement";
import { check } from "../fuzz";
import { spoiltText } from "../spoilt-text";

const GRAPH = `NODES 3
label x y
a 0 0
b 1.5 -2
c 1e1 0

EDGES 4
label src dest weight bw delay
ab 0 1 10 1000 5
ba 1 0 10 1000 5
bc 1 2 1 2000.5 0
cb 2 1 0 2000.5 0
`;
const DEMANDS = "DEMANDS 2\nlabel src dest bw\nd0 0 2 100\nd1 2 0 0.5\n";

/** What spoils tables besides what spoils any text. */
const JUNK = ["EDGES 2", "NODES 0", "DEMANDS 1"];

/** A text that is refused at places inside it, or a network whose every number is sound. */
function expectSoundGraph(text: string): void {
  const read = readGraph("g", text);
  if ("issues" in read) {
    const lines = text.split("\n");
    expect(read.issues.length).toBeGreaterThan(0);
    for (const { at } of read.issues) {
      expect(at.line).toBeLessThanOrEqual(Math.max(1, lines.length));
      expect(at.column).toBeLessThanOrEqual((lines[at.line - 1]?.length ?? 0) + 1);
    }
    return;
  }
  const { nodeNames, linkNames, linkFrom, linkTo, igp, capacityMbps } = read;
  expect(new Set(linkNames).size).toBe(linkNames.length);
  linkNames.forEach((_, link) => {
    expect(linkFrom[link]).not.toBe(linkTo[link]);
    expect(Math.max(linkFrom[link] ?? -1, linkTo[link] ?? -1)).toBeLessThan(nodeNames.length);
    expect(Number.isInteger(igp[link])).toBe(true);
    expect(capacityMbps[link]).toBeGreaterThan(0);
    expect(capacityMbps[link]).toBeLessThan(1e11);
  });
}

function expectSoundDemands(text: string): void {
  const read = readDemands("d", text, 3);
  if ("issues" in read) {
    expect(read.issues.length).toBeGreaterThan(0);
    return;
  }
  expect([...read.from, ...read.to].every((node) => node >= 0 && node < 3)).toBe(true);
  expect(read.mbps.every((mbps) => mbps >= 0 && Number.isFinite(mbps))).toBe(true);
}

test("a spoilt graph is a sound network or issues that lie inside the file; it never throws", () => {
  check(20_000, 15, spoiltText(GRAPH, JUNK), expectSoundGraph);
});

test("spoilt demands are sound demands or issues; they never throw", () => {
  check(20_000, 15, spoiltText(DEMANDS, JUNK), expectSoundDemands);
});

test.each([
  ["graph", GRAPH, expectSoundGraph],
  ["demands", DEMANDS, expectSoundDemands],
])("a %s with any one character exchanged, doubled or gone is sound or refused", (_, text, expectSound) => {
  for (let at = 0; at < text.length; at++) {
    for (const put of ["", "x", "-", "9", ".", " ", "\n", "\t", "\u0000", "e", `${text[at] ?? ""}${text[at] ?? ""}`]) {
      expectSound(text.slice(0, at) + put + text.slice(at + 1));
    }
  }
});

test("a file cut off anywhere is refused, but where nothing more than digits of its last number are gone", () => {
  const ends = (text: string, isRead: (text: string) => boolean) =>
    Array.from(text, (_, end) => text.slice(0, end)).filter(isRead);
  expect(ends(GRAPH, (text) => "linkNames" in readGraph("g", text))).toEqual([GRAPH.slice(0, -1)]);
  const read = ends(DEMANDS, (text) => "names" in readDemands("d", text, 3));
  expect(read).toEqual([3, 2, 1].map((gone) => DEMANDS.slice(0, -gone)));
});
