import { readDemands, readGraph } from "@sextant/placement";
import fc from "fast-check";
import { check } from "../fuzz";

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

/** A text with some pieces cut out, doubled or replaced by what does not belong there. */
function spoilt(text: string): fc.Arbitrary<string> {
  const junk = fc.oneof(
    fc.constantFrom(
      "NaN",
      "-1",
      "1e999",
      "0x10",
      "Infinity",
      "",
      "\n",
      "\t",
      "99999999999999999999",
      "__proto__",
      "EDGES 2",
    ),
    fc.string({ maxLength: 6 }),
  );
  const edit = fc.record({ at: fc.nat({ max: text.length }), cut: fc.nat({ max: 12 }), put: junk });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) => edits.reduce((now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut), text));
}

test("a spoilt graph is a sound network or issues that lie inside the file; it never throws", () => {
  check(20_000, 15, spoilt(GRAPH), (text) => {
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
  });
});

test("spoilt demands are sound demands or issues; they never throw", () => {
  check(20_000, 15, spoilt(DEMANDS), (text) => {
    const read = readDemands("d", text, 3);
    if ("issues" in read) {
      expect(read.issues.length).toBeGreaterThan(0);
      return;
    }
    expect([...read.from, ...read.to].every((node) => node >= 0 && node < 3)).toBe(true);
    expect(read.mbps.every((mbps) => mbps >= 0 && Number.isFinite(mbps))).toBe(true);
  });
});
