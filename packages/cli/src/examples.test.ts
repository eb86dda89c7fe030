import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { intentFromDocument, type Intent, parseDocuments, type Topology, topologyFromDocument } from "@sextant/model";
import { pairName } from "../../controller/src/compute/endpoints";
import { planIntent } from "../../controller/src/pipeline/plan";
import { createSnapshot } from "../../controller/src/topology/snapshot";

const EXAMPLES = join(__dirname, "../../../examples");

function load(name: string): { topology: Topology; intents: Intent[] } {
  const directory = join(EXAMPLES, name);
  const documents = ["topology.yaml", "intents.yaml"].flatMap((file) => {
    const result = parseDocuments(file, readFileSync(join(directory, file), "utf8"));
    expect(result.issues).toEqual([]);
    return result.documents;
  });
  const topology = documents.flatMap((document) =>
    document.kind === "Topology" ? [topologyFromDocument(document)] : [],
  )[0];
  if (topology === undefined || "issues" in topology) throw new Error(`${name}: no sound topology`);
  return {
    topology,
    intents: documents.flatMap((document) => (document.kind === "Intent" ? [intentFromDocument(document, 1)] : [])),
  };
}

interface ExpectedList {
  readonly nodes: string;
  readonly delayUs: number;
  readonly segments: string;
  /** Absent where lists are inserted. */
  readonly mode?: string;
  /** Absent where the candidate has one list. */
  readonly weight?: number;
}
/** Per intent, per "host to endpoint": the lists of its candidates in falling preference. */
type Expected = Record<string, Record<string, ExpectedList[]>>;

function computed(name: string): Expected {
  const { topology, intents } = load(name);
  const snapshot = createSnapshot(topology, 1);
  const pairsOf = (intent: Intent) =>
    planIntent(intent, snapshot).policies.map(({ computed: pair, mode, candidates }) => {
      const how = mode.kind === "settled" ? mode.mode : mode.reason;
      const rows = candidates.flatMap(({ lists }) =>
        lists.map(
          ({ path, encoded }): ExpectedList => ({
            nodes: path.nodes.join(" "),
            delayUs: path.metrics.delayUs,
            segments: encoded.kind === "encoded" ? encoded.list.segments.join(" ") : encoded.kind,
            ...(how === "insert" ? {} : { mode: how }),
            ...(lists.length === 1 ? {} : { weight: path.weight }),
          }),
        ),
      );
      return [pairName(pair), rows] as const;
    });
  return Object.fromEntries(intents.map((intent) => [intent.name, Object.fromEntries(pairsOf(intent))]));
}

const read = (name: string, file: string) => readFileSync(join(EXAMPLES, name, file), "utf8");
const names = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

describe.each(names)("examples/%s", (name) => {
  test("paths and segment lists are the expected ones", () => {
    expect(computed(name)).toEqual(JSON.parse(read(name, "expected.json")));
  });

  test("the page shows every path and segment list", () => {
    const page = read(name, "README.md");
    const rows = Object.values(JSON.parse(read(name, "expected.json")) as Expected).flatMap((pairs) =>
      Object.values(pairs).flat(),
    );
    const missing = rows.filter(({ nodes, segments }) => !page.includes(`| ${nodes} | \`${segments}\``));
    expect(missing).toEqual([]);
  });

  test("no intent is left without a path", () => {
    const bare = Object.values(computed(name))
      .flatMap((pairs) => Object.values(pairs))
      .filter((rows) => rows.length === 0);
    expect(bare).toEqual([]);
  });
});
