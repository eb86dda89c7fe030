import { DIAMOND, intentYaml } from "../testing/documents";
import { accept, type SourceFile } from "./accept";
import { type Catalog, EMPTY_CATALOG, loadCatalog } from "./catalog";
import { withdraw } from "./withdraw";

const files = (...texts: string[]): SourceFile[] => texts.map((content, i) => ({ name: `f${i}.yaml`, content }));
const applyAll = (catalog: Catalog, ...texts: string[]) => accept(files(...texts), catalog);

/** Accepts texts that must be sound. */
function take(catalog: Catalog, ...texts: string[]): Catalog {
  const result = applyAll(catalog, ...texts);
  if ("issues" in result) throw new Error(JSON.stringify(result.issues));
  return result.catalog;
}

const actions = (result: ReturnType<typeof accept>) =>
  "applied" in result
    ? result.applied.map(({ action, record }) => `${action} ${record.name} ${record.generation}`)
    : result;
const faults = (result: ReturnType<typeof accept>) =>
  "issues" in result ? result.issues.map(({ code, at }) => `${code} ${at.file}:${at.line}:${at.column}`) : result;

const base = take(EMPTY_CATALOG, DIAMOND, intentYaml("web"));

describe("generations", () => {
  test.each<[string, string[], string]>([
    ["nothing", [], "unchanged web 1"],
    ["a default spelled out", ["priority: 100"], "unchanged web 1"],
    ["another spelling of a value", ["to: {hosts: [bob], prefixes: []}"], "unchanged web 1"],
    ["a field", ["priority: 7"], "configured web 2"],
  ])("a change of %s", (_what, spec, expected) => {
    expect(actions(applyAll(base, intentYaml("web", spec)))).toEqual([expected]);
  });

  test("a change of labels is kept and leaves the generation", () => {
    const labelled = intentYaml("web").replace("{name: web}", "{name: web, labels: {team: video}}");
    expect(actions(applyAll(base, labelled))).toEqual(["configured web 1"]);
    expect(actions(applyAll(take(base, labelled), labelled))).toEqual(["unchanged web 1"]);
  });

  test("start anew when a document was deleted in between", () => {
    const gone = withdraw([{ kind: "Intent", name: "web" }], take(base, intentYaml("web", ["priority: 7"])));
    if ("refused" in gone) throw new Error(gone.refused);
    expect(actions(applyAll(gone.catalog, intentYaml("web")))).toEqual(["created web 1"]);
  });
});

describe("what is refused", () => {
  test("a document twice in one apply", () => {
    const result = applyAll(base, intentYaml("a"), `${intentYaml("b")}---\n${intentYaml("a", ["priority: 1"])}`);
    expect(faults(result)).toEqual(["duplicate f1.yaml:11:12"]);
  });

  test("a second topology, beside the one in force or in the same apply", () => {
    const other = DIAMOND.replace("name: diamond", "name: other");
    expect(faults(applyAll(base, other))).toEqual(["conflict f0.yaml:3:12"]);
    expect(faults(applyAll(EMPTY_CATALOG, DIAMOND, other))).toEqual(["conflict f1.yaml:3:12"]);
  });

  test("an intent without any topology", () => {
    expect(faults(applyAll(EMPTY_CATALOG, intentYaml("web")))).toEqual(["unknown_reference f0.yaml:4:1"]);
  });

  test("a topology that takes away what a document in force refers to, unless both change together", () => {
    const smaller = DIAMOND.replace(/.*name: bob.*\n/, "");
    const result = applyAll(base, smaller);
    expect(faults(result)).toEqual(["conflict f0.yaml:3:12"]);
    expect("issues" in result && result.issues[0]?.message).toContain("Intent/web");
    const prefixOnly = intentYaml("web", ["to: {prefixes: ['2001:db9:f::/48']}"]);
    expect(actions(applyAll(base, smaller, prefixOnly))).toEqual(["configured diamond 2", "configured web 2"]);
  });

  test("a service behind a node that does not exist", () => {
    const service = (node: string) =>
      `apiVersion: sextant.dev/v1\nkind: Service\nmetadata: {name: fw}\nspec: {type: firewall, instances: [{name: one, node: ${node}}]}\n`;
    expect(faults(applyAll(base, service("ss")))).toEqual(["unknown_reference f0.yaml:4:48"]);
    expect(actions(applyAll(base, service("s")))).toEqual(["created fw 1"]);
    expect(faults(applyAll(take(base, service("n")), DIAMOND.replace(/.*\bn\b.*\n/g, "")))).toEqual([
      "conflict f0.yaml:3:12",
    ]);
  });

  test("everything, when anything is, with all problems in source order", () => {
    const bad = intentYaml("bad", ["from: {hosts: [alicia]}", "to: {hosts: [rob]}"]);
    expect(faults(applyAll(base, intentYaml("good"), bad, intentYaml("worse", ["to: {hosts: [w]}"])))).toEqual([
      "unknown_reference f1.yaml:6:18",
      "unknown_reference f1.yaml:7:16",
      "invalid_value f2.yaml:7:16",
    ]);
  });
});

describe("documents with problems beside sound ones", () => {
  const broken = intentYaml("broken", ["priority: high"]);
  const dangling = intentYaml("dangling", ["to: {hosts: [rob]}"]);

  test("both kinds of problems are told at once", () => {
    expect(faults(applyAll(base, broken, dangling))).toEqual([
      "invalid_value f0.yaml:8:3",
      "unknown_reference f1.yaml:7:16",
    ]);
    expect(faults(applyAll(EMPTY_CATALOG, DIAMOND, broken, dangling))).toHaveLength(2);
  });

  test("a reference into a topology that has problems itself is no problem of its own", () => {
    const schema = DIAMOND.replace("nodeId: 2", "nodeId: two");
    const inItself = DIAMOND.replace("nodeId: 2", "nodeId: 1");
    const noKind = DIAMOND.replace("kind: Topology", "kind: Topologie");
    const noYaml = `${DIAMOND}  more: 'never closed`;
    expect(faults(applyAll(EMPTY_CATALOG, schema, dangling))).toEqual(["invalid_value f0.yaml:8:17"]);
    expect(faults(applyAll(EMPTY_CATALOG, inItself, dangling))).toEqual([
      expect.stringMatching(/^duplicate f0/) as string,
    ]);
    expect(faults(applyAll(EMPTY_CATALOG, noKind, dangling))).toEqual(["unknown_kind f0.yaml:2:1"]);
    expect(faults(applyAll(base, noYaml, dangling))).toEqual([expect.stringMatching(/^yaml_syntax f0/) as string]);
    expect(faults(applyAll(base, DIAMOND, DIAMOND, dangling))).toEqual(["duplicate f1.yaml:3:12"]);
    expect(faults(applyAll(base, DIAMOND.replace("diamond", "other"), dangling))).toEqual(["conflict f0.yaml:3:12"]);
  });

  test("a document in force that a rejected one was to change does not count as broken", () => {
    const smaller = DIAMOND.replace(/.*name: bob.*\n/, "");
    const renewed = intentYaml("web", ["to: {prefixes: ['2001:db9:f::/48']}", "priority: high"]);
    expect(faults(applyAll(base, smaller, renewed))).toEqual(["invalid_value f1.yaml:8:3"]);
    expect(faults(applyAll(base, smaller, broken))).toEqual(["conflict f0.yaml:3:12", "invalid_value f1.yaml:8:3"]);
  });
});

test("the topology cannot be withdrawn while documents refer to it", () => {
  expect(withdraw([{ kind: "Topology", name: "diamond" }], base)).toHaveProperty("refused");
  const both = withdraw(
    [
      { kind: "Topology", name: "diamond" },
      { kind: "Intent", name: "web" },
    ],
    base,
  );
  expect(both).toMatchObject({ deleted: [{ name: "diamond" }, { name: "web" }], notFound: [] });
});

describe("stored records", () => {
  const records = [base.topology, ...base.intents.values()].flatMap((entry) => entry?.record ?? []);

  test("make the same catalog again", () => {
    const loaded = loadCatalog(records, "store");
    expect(loaded.intents.get("web")?.value).toEqual(base.intents.get("web")?.value);
    expect(loaded.topology?.value).toEqual(base.topology?.value);
    expect(actions(applyAll(loaded, DIAMOND, intentYaml("web")))).toEqual(["unchanged diamond 1", "unchanged web 1"]);
  });

  test("that are no longer valid stop the controller, all of them named", () => {
    const broken = records.map((record) => ({ ...record, spec: {} }));
    expect(() => loadCatalog(broken, "store")).toThrow(
      expect.objectContaining({
        code: "invalid_document",
        message: expect.stringMatching(/Topology\/diamond[^]*Intent\/web/) as string,
      }),
    );
  });
});
