// Files that are large, wrong, or both: time and memory are bounded, and so is what is said of them.
import { MAX_ISSUES } from "../issue";
import { parseDemandsDocuments } from "./demands-document";
import { parseDocuments } from "./parse";
import { topologyFromDocument } from "./topology-from-document";

jest.setTimeout(60_000);

/** Several times what a busy machine needs, and a fraction of what anything quadratic would. */
const MAX_MS = 40_000;

const HEAD =
  "apiVersion: sextant.dev/v1\nkind: Topology\nmetadata: {name: net}\nspec:\n  locatorBlock: fcbb:bb00::/32\n";
const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join("");

function topologyIssues(text: string) {
  const { documents, issues } = parseDocuments("f", text);
  const [document] = documents;
  if (document?.kind !== "Topology") return issues;
  const topology = topologyFromDocument(document);
  return "issues" in topology ? topology.issues : [];
}

test.each<[string, () => string]>([
  ["50,000 unknown fields", () => `${HEAD}${lines(50_000, (i) => `  field${i}: 1`)}`],
  [
    "20,000 links with a misspelt field",
    () => `${HEAD}  nodes: [{name: a}]\n  links:\n${lines(20_000, (i) => `  - {a: a, b: b, name: l${i}, ipg: 3}`)}`,
  ],
  [
    "10,000 links between nodes that are not there, beside 2,000 that are",
    () =>
      `${HEAD}  nodes:\n${lines(2_000, (i) => `  - {name: router-${i}, nodeId: ${i + 1}}`)}  links:\n${lines(10_000, (i) => `  - {a: ruoter-${i}, b: rooter-${i}}`)}`,
  ],
  ["10,000 documents of an unknown kind", () => lines(10_000, () => "---\nkind: Intnt")],
  ["20,000 keys written twice", () => `${HEAD}${lines(20_000, () => "  x: 1")}`],
  ["20,000 aliases of nothing", () => `${HEAD}  nodes:\n${lines(20_000, () => "  - *a")}`],
])("%s: the first thousand are told, and that there are more", (_, text) => {
  const began = performance.now();
  const issues = topologyIssues(text());
  expect(issues).toHaveLength(MAX_ISSUES + 1);
  expect(issues.at(-1)?.code).toBe("too_large");
  expect(performance.now() - began).toBeLessThan(MAX_MS);
});

const LONG = "x".repeat(1_000_000);

test.each([
  ["kind", `kind: ${LONG}\n`],
  ["field", `${HEAD}  ${LONG}: 1\n`],
  ["value", HEAD.replace("fcbb:bb00::/32", LONG)],
  ["tag", `${HEAD}  nodes: !!${LONG} []\n`],
  ["alias", `${HEAD}  nodes: *${LONG}\n`],
  ["reference", `${HEAD}  nodes: [{name: a}]\n  links: [{a: a, b: ${LONG}}]\n`],
])("a %s of a million characters is not repeated in full", (_, text) => {
  const issues = topologyIssues(text);
  expect(issues.length).toBeGreaterThan(0);
  for (const { path, message } of issues) expect(path.length + message.length).toBeLessThan(2_500);
});

const DEMANDS = "apiVersion: sextant.dev/v1\nkind: Demands\nmetadata: {name: peak}\nspec:\n  demands:\n";

test("one bad line among many demands is told by line and column", () => {
  const text = `${DEMANDS}${lines(20_000, (i) => `  - {from: a, to: b, name: d${i}, mbps: ${i === 12_345 ? "12..5" : i}}`)}`;
  const { issues } = parseDemandsDocuments("f", text);
  expect(issues.map(({ at, code, path }) => `${at.line}:${at.column} ${code} ${path}`)).toEqual([
    "12351:36 invalid_value spec.demands[12345].mbps",
  ]);
});

test("a million lines are refused before they are read: other formats have room for them", () => {
  const began = performance.now();
  const { issues } = parseDemandsDocuments(
    "f",
    `${DEMANDS}${lines(1_000_000, (i) => `  - {from: a, to: b, mbps: ${i % 9}}`)}`,
  );
  expect(issues).toMatchObject([{ code: "too_large", at: { line: 1, column: 1 } }]);
  expect(performance.now() - began).toBeLessThan(10_000);
});

/** What a link's metric may be written as: YAML 1.2 has hexadecimal and octal numbers, exponents, and numbers that are none. */
test.each([
  ["0x10", 16],
  ["0o17", 15],
  ["017", 17],
  ["1e3", 1_000],
  ["1.0", 1],
  ["+7", 7],
  ["-0", 0],
])("a metric of %s is %d", (written, igp) => {
  const [document] = parseDocuments(
    "f",
    `${HEAD}  nodes: [{name: a, nodeId: 1}, {name: b, nodeId: 2}]\n  links: [{a: a, b: b, igp: ${written}}]\n`,
  ).documents;
  const topology = document?.kind === "Topology" ? topologyFromDocument(document) : { issues: [] };
  expect("links" in topology && topology.links[0]?.aToB.igp === igp).toBe(true);
});

test.each([".inf", "-.inf", ".nan", "1e400", "1e308", "-1", "1.5", "0b1", "1_000", "16777216", '"10"', "~", "ten"])(
  "a metric of %s is refused at its place",
  (written) => {
    const text = `${HEAD}  nodes: [{name: a, nodeId: 1}, {name: b, nodeId: 2}]\n  links: [{a: a, b: b, igp: ${written}}]\n`;
    const issues = topologyIssues(text);
    expect(issues.map(({ at, path }) => `${at.line}:${at.column} ${path}`)).toContain("7:24 spec.links[0].igp");
  },
);
