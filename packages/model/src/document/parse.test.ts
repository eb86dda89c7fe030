import { MAX_FILE_CHARACTERS, parseDocuments, parseDocumentValue } from "./parse";

/** A sound intent; `extra` are further lines of its spec, from line 8. */
const intent = (extra = "") => `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: web}
spec:
  from: {hosts: [a]}
  to: {hosts: [b]}
  objective: {minimize: delay}
${extra}`;

/** Documents as a controller lists them. */
const list = (...documents: string[]) =>
  `apiVersion: sextant.dev/v1\nkind: List\nitems:\n${documents.map((text) => `- ${text.trim().replaceAll("\n", "\n  ")}\n`).join("")}`;

/** What tests compare of an issue: where, which code, which field. */
const summary = (text: string) =>
  parseDocuments("f.yaml", text).issues.map(({ at, code, path }) => `${at.line}:${at.column} ${code} ${path}`);

describe("sound documents", () => {
  test("absent fields get their defaults, the raw spec stays as it was written", () => {
    const { documents, issues } = parseDocuments("f.yaml", intent());
    expect(issues).toEqual([]);
    expect(documents).toMatchObject([
      {
        kind: "Intent",
        name: "web",
        labels: {},
        spec: {
          priority: 100,
          application: { sources: [], sourcePorts: [], ports: [] },
          constraints: { avoid: { nodes: [], links: [], srlgs: [] }, via: [] },
          protection: { backups: 0, disjoint: "link" },
          onNoPath: "route",
        },
        rawSpec: { from: { hosts: ["a"] }, to: { hosts: ["b"] }, objective: { minimize: "delay" } },
      },
    ]);
  });

  test("asking for protection at all means one backup", () => {
    const { documents } = parseDocuments("f.yaml", intent("  protection: {disjoint: node}\n"));
    expect(documents).toMatchObject([{ spec: { protection: { backups: 1, disjoint: "node" } } }]);
  });

  test("ports and protocols are numbers inside, whatever they were written as", () => {
    const { documents } = parseDocuments("f.yaml", intent('  application: {protocol: udp, ports: [80, "1-65535"]}\n'));
    expect(documents).toMatchObject([
      {
        spec: {
          application: {
            protocol: 17,
            ports: [
              { first: 80, last: 80 },
              { first: 1, last: 65_535 },
            ],
          },
        },
      },
    ]);
  });

  test.each([
    ["nothing", ""],
    ["a comment", "# later\n"],
    ["separators", "---\n---\n"],
    ["null", "null\n"],
  ])("a file with %s holds no document and no issue", (_, text) => {
    expect(parseDocuments("f.yaml", text)).toEqual({ documents: [], rejected: [], issues: [] });
  });

  test.each([
    ["several documents", `${intent()}---\n${intent()}`, 2],
    ["Windows line ends", intent().replaceAll("\n", "\r\n"), 1],
    ["a byte order mark", `\ufeff${intent()}`, 1],
    ["an anchor and its alias", intent().replace("[a]", "&h [a]").replace("[b]", "*h"), 1],
    ["words that YAML 1.1 took for booleans", intent().replace("[a]", "[yes, no, on]"), 1],
    ["status, which is ignored", `${intent()}status: {anything: [1]}\n`, 1],
    ["a generation, which is ignored", intent().replace("web}", "web, generation: 7}"), 1],
    ["a list of documents", list(intent(), intent()), 2],
    ["an empty list", list().replace("items:", "items: []"), 0],
  ])("%s", (_, text, count) => {
    const { documents, issues } = parseDocuments("f.yaml", text);
    expect(issues).toEqual([]);
    expect(documents).toHaveLength(count);
  });

  test("JSON is YAML", () => {
    const { documents } = parseDocuments("f.json", intent());
    const again = parseDocuments(
      "f.json",
      JSON.stringify({
        apiVersion: "sextant.dev/v1",
        kind: "Intent",
        metadata: { name: "web" },
        spec: documents[0]?.rawSpec,
      }),
    );
    expect(again.documents[0]?.spec).toEqual(documents[0]?.spec);
  });

  test("a field is found again by its path; a missing one by its parent", () => {
    const [document] = parseDocuments("f.yaml", intent("  application:\n    ports: [80, 81]\n")).documents;
    expect(document?.locate(["spec", "application", "ports", 1])).toEqual({ file: "f.yaml", line: 9, column: 17 });
    expect(document?.locate(["spec", "application", "cgroup"])).toEqual({ file: "f.yaml", line: 8, column: 3 });
    expect(document?.locate(["nothing"])).toEqual({ file: "f.yaml", line: 1, column: 1 });
  });
});

describe("every problem is reported, in source order", () => {
  test.each([
    ["unknown field", intent("  constrains: {}\n"), ["8:3 unknown_field spec.constrains"]],
    [
      "unknown field in an item of a list",
      list(intent(), intent("  constrains: {}")),
      ["18:5 unknown_field spec.constrains"],
    ],
    ["list in a list", list(list(intent())), ["5:3 invalid_value kind"]],
    ["list of something else", list("null", "[1]"), ["4:3 unknown_kind kind", "5:3 unknown_kind kind"]],
    ["list without items", list().replace("items:", ""), ["1:1 missing_field items"]],
    ["unknown field of a list", `${list(intent())}more: 1\n`, ["11:1 unknown_field more"]],
    ["unknown field at the top", `${intent()}stats: 1\n`, ["8:1 unknown_field stats"]],
    [
      "two unknown fields at different depths",
      intent("  constraints: {maxDelayMS: 3, avoid: {node: [a]}}\n"),
      ["8:17 unknown_field spec.constraints.maxDelayMS", "8:40 unknown_field spec.constraints.avoid.node"],
    ],
    ["missing spec", "apiVersion: sextant.dev/v1\nkind: Intent\nmetadata: {name: x}\n", ["1:1 missing_field spec"]],
    [
      "missing everything",
      "kind: Intent\n",
      ["1:1 missing_field apiVersion", "1:1 missing_field metadata", "1:1 missing_field spec"],
    ],
    ["null where a mapping belongs", intent().replace("{hosts: [a]}", ""), ["5:3 invalid_value spec.from"]],
    ["nobody selected", intent().replace("[a]", "[]"), ["5:3 invalid_value spec.from"]],
    ["no objective", intent().replace(/ {2}objective.*\n/, ""), ["4:1 missing_field spec.objective"]],
    ["unknown metric", intent().replace("delay", "dely"), ["7:15 invalid_value spec.objective.minimize"]],
    ["objective of nothing", intent().replace("{minimize: delay}", "{}"), ["7:3 invalid_value spec.objective"]],
    ["no goals", intent().replace("{minimize: delay}", "[]"), ["7:3 invalid_value spec.objective"]],
    [
      "a goal that is two",
      intent().replace("{minimize: delay}", "{minimize: delay, maximize: bandwidth}"),
      ["7:3 invalid_value spec.objective"],
    ],
    [
      "unknown metrics among goals and weights",
      intent().replace("{minimize: delay}", "[{minimize: dely}, {minimize: {dely: 1}}, {minimize: {igp: 0}}]"),
      [
        "7:16 invalid_value spec.objective[0].minimize",
        "7:34 invalid_value spec.objective[1].minimize",
        "7:45 unknown_field spec.objective[1].minimize.dely",
        "7:68 out_of_range spec.objective[2].minimize.igp",
      ],
    ],
    [
      "maximised delay",
      intent().replace("{minimize: delay}", "{maximize: delay}"),
      ["7:15 invalid_value spec.objective.maximize"],
    ],
    [
      "absurd bounds",
      intent("  constraints: {maxJitterMs: -1, maxLossPercent: 101, maxIgp: 1.5}\n"),
      [
        "8:17 out_of_range spec.constraints.maxJitterMs",
        "8:34 out_of_range spec.constraints.maxLossPercent",
        "8:55 invalid_value spec.constraints.maxIgp",
      ],
    ],
    [
      "more to include than is possible",
      intent("  constraints: {include: {nodes: [a, b, c, d], links: [e, f], srlgs: [g]}}\n"),
      ["8:17 invalid_value spec.constraints.include"],
    ],
    ["other version", intent().replace("dev/v1", "dev/v9"), ["1:1 invalid_value apiVersion"]],
    ["bad name", intent().replace("web", "-web"), ["3:12 invalid_value metadata.name"]],
    ["name of another type", intent().replace("web", "12"), ["3:12 invalid_value metadata.name"]],
    ["no kind", "apiVersion: sextant.dev/v1\n", ["1:1 unknown_kind kind"]],
    ["unknown kind", "apiVersion: sextant.dev/v1\nkind: Intnt\n", ["2:1 unknown_kind kind"]],
    ["text", "hello\n", ["1:1 unknown_kind kind"]],
    ["a list", "- a\n", ["1:1 unknown_kind kind"]],
    ["fraction", intent("  priority: 1.5\n"), ["8:3 invalid_value spec.priority"]],
    ["huge integer", intent("  priority: 99999999999999999999999\n"), ["8:3 out_of_range spec.priority"]],
    ["negative", intent("  priority: -1\n"), ["8:3 out_of_range spec.priority"]],
    ["not a number", intent("  constraints: {maxDelayMs: .nan}\n"), ["8:17 invalid_value spec.constraints.maxDelayMs"]],
    ["infinite", intent("  constraints: {maxDelayMs: .inf}\n"), ["8:17 invalid_value spec.constraints.maxDelayMs"]],
    ["zero delay", intent("  constraints: {maxDelayMs: 0}\n"), ["8:17 out_of_range spec.constraints.maxDelayMs"]],
    ["numeric key", intent("  1: x\n"), ["8:3 unknown_field spec.1"]],
    ["merge key", intent("  <<: {priority: 3}\n"), ["8:3 unknown_field spec.<<"]],
    ["name of an inherited property", intent("  constructor: {}\n"), ["8:3 unknown_field spec.constructor"]],
    ["prototype", intent("  __proto__: {priority: 3}\n"), ["8:3 unknown_field spec.__proto__"]],
    [
      "prototype among labels",
      intent().replace("{name: web}", "{name: web, labels: {__proto__: x}}"),
      ["3:32 unknown_field metadata.labels.__proto__"],
    ],
    ["protocol number", intent("  application: {protocol: 256}\n"), ["8:17 out_of_range spec.application.protocol"]],
    ["protocol name", intent("  application: {protocol: upd}\n"), ["8:17 invalid_value spec.application.protocol"]],
    ["cgroup outside", intent("  application: {cgroup: ../x}\n"), ["8:17 invalid_value spec.application.cgroup"]],
    ["cgroup with slash", intent("  application: {cgroup: /x}\n"), ["8:17 invalid_value spec.application.cgroup"]],
    [
      "prefix with host bits",
      intent().replace("hosts: [b]", 'prefixes: ["2001:db8::1/64"]'),
      ["6:19 invalid_value spec.to.prefixes[0]"],
    ],
    ["too many backups", intent("  protection: {backups: 16}\n"), ["8:16 out_of_range spec.protection.backups"]],
    ["an unknown mode", intent("  mode: encaps\n"), ["8:3 invalid_value spec.mode"]],
    ["too many paths", intent("  multipath: {paths: 33}\n"), ["8:15 out_of_range spec.multipath.paths"]],
    [
      "ports of a protocol that has none",
      intent("  application: {protocol: icmp, sourcePorts: [80], ports: [81]}\n"),
      ["8:33 invalid_value spec.application.sourcePorts", "8:52 invalid_value spec.application.ports"],
    ],
    ["a code point too high", intent("  application: {dscp: 64}\n"), ["8:17 out_of_range spec.application.dscp"]],
    ["no code point", intent("  application: {dscp: af44}\n"), ["8:17 invalid_value spec.application.dscp"]],
    [
      "a unit without suffix",
      intent("  application: {systemdUnit: web}\n"),
      ["8:17 invalid_value spec.application.systemdUnit"],
    ],
    [
      "a short container id",
      intent("  application: {container: 0123abcd}\n"),
      ["8:17 invalid_value spec.application.container"],
    ],
    [
      "a relative program",
      intent("  application: {executable: bin/x}\n"),
      ["8:17 invalid_value spec.application.executable"],
    ],
    [
      "a program by a detour",
      intent("  application: {executable: /bin/../x}\n"),
      ["8:17 invalid_value spec.application.executable"],
    ],
    ["a user with a colon", intent('  application: {user: "a:b"}\n'), ["8:17 invalid_value spec.application.user"]],
    [
      "a source with host bits",
      intent("  application: {sources: [10.0.0.1/8]}\n"),
      ["8:27 invalid_value spec.application.sources[0]"],
    ],
    [
      "two fields that name a cgroup",
      intent("  application: {cgroup: a, systemdUnit: web.service}\n"),
      ["8:28 invalid_value spec.application.systemdUnit"],
    ],
  ])("%s", (_, text, expected) => {
    expect(summary(text)).toEqual(expected);
  });

  test.each(['"0"', '"65536"', '"20-10"', '"a"', '"1-2-3"', '" 80"', "-1", "1.5", '""'])("port %s", (port) => {
    expect(summary(intent(`  application: {ports: [${port}]}\n`))).toEqual([
      "8:25 invalid_value spec.application.ports[0]",
    ]);
  });

  test("a suggestion is part of the message", () => {
    const [issue] = parseDocuments("f.yaml", intent("  constrains: {}\n")).issues;
    expect(issue?.message).toContain('"constraints"');
  });

  test("one faulty document does not hide the faults of the next", () => {
    const text = `${intent("  x: 1\n")}---\n${intent()}---\n${intent("  y: 1\n")}`;
    expect(summary(text)).toEqual(["8:3 unknown_field spec.x", "25:3 unknown_field spec.y"]);
    expect(parseDocuments("f.yaml", text).documents).toHaveLength(1);
  });
});

describe("faults of the text itself", () => {
  test.each([
    [
      "a key written twice",
      intent("  objective: {minimize: igp}\n  x: 1\n"),
      ["8:3 duplicate spec.objective", "9:3 unknown_field spec.x"],
    ],
    ["a tab", intent("  constraints:\n\t maxHops: 3\n"), ["9:1 yaml_syntax "]],
    ["an open bracket", intent("  x: [1\n"), ["9:1 yaml_syntax "]],
    ["a mapping as key", intent("  ? {a: b}\n  : c\n"), ["8:5 yaml_syntax "]],
    ["an alias without anchor", intent().replace("[b]", "*h"), ["6:15 yaml_syntax "]],
    ["a foreign tag", intent("  priority: !!js/function 1\n"), ["8:27 yaml_syntax "]],
    ["a set", intent("  constraints: !!set {a}\n"), ["8:22 yaml_syntax "]],
    ["binary", intent("  priority: !!binary aaaa\n"), ["8:22 yaml_syntax "]],
  ])("%s", (_, text, expected) => {
    expect(summary(text)).toEqual(expected);
  });

  test("aliases that explode are refused, not expanded", () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array<string>(10).fill(of).join(", ")}]\n`;
    const bomb = level("a", "x") + level("b", "*a") + level("c", "*b") + level("d", "*c") + level("e", "*d");
    expect(summary(`${bomb}kind: Intent\n`)).toEqual(["1:1 too_large "]);
  });

  test("nesting without end is refused", () => {
    const issues = parseDocuments("f.yaml", `a: ${"[".repeat(20_000)}`).issues;
    expect(issues.map((issue) => issue.code)).toContain("yaml_syntax");
  });

  test("a file beyond the limit is not even read", () => {
    expect(summary("#".repeat(MAX_FILE_CHARACTERS + 1))).toEqual(["1:1 too_large "]);
  });

  test("what follows a syntax error is left out, what precedes it is not", () => {
    const { documents, issues } = parseDocuments("f.yaml", `${intent()}---\nx: [\n---\n${intent()}`);
    expect(documents).toHaveLength(1);
    expect(issues.map((issue) => issue.code)).toEqual(["yaml_syntax"]);
  });
});

describe("plain values", () => {
  test("are validated like text, at the first line of their origin", () => {
    const { issues } = parseDocumentValue("store", { kind: "Intent", apiVersion: "sextant.dev/v1" });
    expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual(["missing_field metadata", "missing_field spec"]);
    expect(issues[0]?.at).toEqual({ file: "store", line: 1, column: 1 });
  });

  test.each([undefined, null, 3, "x", []])("%j is no document", (value) => {
    expect(parseDocumentValue("store", value).issues.map((issue) => issue.code)).toEqual(["unknown_kind"]);
  });
});

test.each([
  ["a wrong kind", "kind: Intend\nmetadata: {name: web}\n", { kind: undefined, name: "web" }],
  [
    "a wrong field",
    "apiVersion: sextant.dev/v1\nkind: Intent\nmetadata: {name: web}\nspec: 1\n",
    { kind: "Intent", name: "web" },
  ],
  ["no name", "apiVersion: sextant.dev/v1\nkind: Intent\nspec: {}\n", { kind: "Intent", name: undefined }],
  ["a key twice", "kind: Service\nkind: Service\n", { kind: "Service", name: undefined }],
  ["broken text", "kind: [", { kind: undefined, name: undefined }],
])("a document with %s is rejected under what it says of itself", (_what, text, identity) => {
  const { documents, rejected } = parseDocuments("f.yaml", text);
  expect(documents).toEqual([]);
  expect(rejected).toEqual([identity]);
});
