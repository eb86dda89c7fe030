import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocuments } from "@sextant/model";
import { changeWriter, renderResources } from "../commands/get";
import type { Kind } from "../kinds";
import type { JsonObject, Resource } from "../resource";
import { linkResources, nodeResources } from "../topology-resources";
import { columnsOf } from "./columns";
import { renderTable } from "./table";

const NOW = Date.parse("2026-01-01T00:10:00Z");

function resource(kind: Kind, status: JsonObject, spec: JsonObject = {}): Resource {
  return { kind, name: "x", labels: { a: "b" }, generation: 3, spec, status };
}

function table(kind: Kind, resources: readonly Resource[], wide = false): string[] {
  const columns = columnsOf(kind, wide, () => NOW);
  return renderTable(columns.header, resources.map(columns.row), false).map((line) => line.replace(/ {3,}/g, " | "));
}

const topology = (): Resource => {
  const file = join(__dirname, "../../../../examples/diamond/topology.yaml");
  const [document] = parseDocuments(file, readFileSync(file, "utf8")).documents;
  return {
    kind: "Topology",
    name: "diamond",
    labels: {},
    generation: 1,
    spec: document?.rawSpec as JsonObject,
    status: { nodes: 6, hosts: 2, links: 6 },
  };
};

describe("tables of each kind", () => {
  test("intent: verdict and the path in use", () => {
    const candidate = (nodes: string[]) => ({
      nodes,
      metrics: { delayUs: 2_000 },
      segmentLists: [
        { weight: 4, segments: ["fcbb:bb00:3::", "fcbb:bb00:4::"] },
        { weight: 1, segments: ["fcbb:bb00:5::"] },
      ],
    });
    const status = {
      conditions: [{ type: "Live", status: "True", reason: "ProbesReturn" }],
      policies: [
        {
          mode: "insert",
          candidates: [candidate(["a", "b"]), candidate(["a", "c", "b"])],
          activeCandidate: 1,
          packets: 1_200,
        },
      ],
    };
    const intent = resource("Intent", status, { objective: { minimize: "delay" } });
    expect(table("Intent", [intent])).toEqual([
      "NAME | OBJECTIVE | POLICIES | STATUS | PATH | DELAY",
      "x | delay | 1 | OnBackup | a > c > b | 2 ms",
    ]);
    expect(table("Intent", [intent], true)[1]).toBe(
      "x | delay | 1 | OnBackup | a > c > b | 2 ms | insert | fcbb:bb00:3::,fcbb:bb00:4:: x4 | fcbb:bb00:5:: x1 | 1.2 k | 3 | a=b",
    );
  });

  test.each([
    [
      "a failed stage beats all else",
      [
        ["Protected", "False", "NoDisjointBackup"],
        ["Live", "False", "AllPathsDead"],
      ],
      "Live: AllPathsDead",
    ],
    [
      "what is not known comes next",
      [
        ["Protected", "False", "NoDisjointBackup"],
        ["Live", "Unknown", "NotReported"],
      ],
      "Live: NotReported",
    ],
    [
      "then missing protection",
      [
        ["Protected", "False", "NoDisjointBackup"],
        ["Live", "True", "x"],
      ],
      "Protected: NoDisjointBackup",
    ],
    [
      "nothing wrong",
      [
        ["Protected", "True", "x"],
        ["Live", "True", "x"],
      ],
      "Ready",
    ],
    ["nothing known", [], "NotComputed"],
  ])("verdict: %s", (_, rows, verdict) => {
    const conditions = rows.map(([type = "", status = "", reason = ""]) => ({ type, status, reason }));
    expect(table("Intent", [resource("Intent", { conditions, policies: [] })])[1]).toContain(`| ${verdict} |`);
  });

  test("host: entries that are on it of those that should be", () => {
    const status = {
      session: { state: "connected", since: "2026-01-01T00:09:00Z" },
      desiredEntries: 4,
      currentEntries: 3,
      notInstalledEntries: 1,
    };
    expect(table("Host", [resource("Host", status)])[1]).toBe("x | connected | 1m | 3/4 | 1");
    const never = { session: { state: "never" }, desiredEntries: 4 };
    expect(table("Host", [resource("Host", never)])[1]).toBe("x | never | - | ?/4 | -");
  });

  test("path: what was reported, dashes for what was not", () => {
    const bare = { host: "h", segments: ["fcbb:bb00:1::"], policies: [], stale: true };
    const full = { ...bare, state: "alive", since: "2026-01-01T00:09:00Z", roundTripUs: 480, lossPpm: 5_000 };
    const flapping = { ...full, withheld: true, reason: "flapping" };
    expect(
      table(
        "Path",
        [full, flapping, bare].map((status) => resource("Path", status)),
      ),
    ).toEqual([
      "NAME | STATE | REASON | SINCE | ROUND TRIP | LOSS | SEGMENTS",
      "x | alive | - | 1m | 480 us | 0.5 % | fcbb:bb00:1::",
      "x | withheld | flapping | 1m | 480 us | 0.5 % | fcbb:bb00:1::",
      "x | unreported | - | - | - | - | fcbb:bb00:1::",
    ]);
  });

  test("topology, its nodes and its links", () => {
    expect(table("Topology", [topology()])[1]).toBe("diamond | 6 | 2 | 6 | fcbb:bb00::/32");
    expect(table("Node", nodeResources(topology()))).toContain(
      "alice | host | 0x101 | fcbb:bb00:101:: | 2001:db8:a::1",
    );
    const links = table("Link", linkResources(topology()));
    expect(links).toContain("west-north | west | north | up | - | 10 | 10 | 5 ms | 10 Gbit/s | - | - | -");
    expect(links).toContain("alice-west | alice | west | up | - | 0 | 0 | 0 us | - | - | - | -");
  });

  test.each([
    ["nothing speaks against it", [], "up"],
    ["one of two", [{ state: "suspected", suspicion: 0.5, from: ["north", "west"] }], "suspected 50 %"],
    ["broken", [{ state: "down", suspicion: 1, from: ["north", "west"] }], "down"],
    ["one direction", [{ state: "down", suspicion: 1, from: ["north"] }], "down north to west"],
    ["it works again", [{ state: "probation", suspicion: 1, trustedAt: "2026-01-01T00:10:03Z" }], "probation 3s left"],
    [
      "its time is over",
      [{ state: "probation", suspicion: 1, trustedAt: "2026-01-01T00:09:00Z" }],
      "probation 0ms left",
    ],
  ])("health of a link: %s", (_, told, cell) => {
    const linkHealth = told.map((health) => ({ name: "west-north", ...health }));
    const links = table("Link", linkResources({ ...topology(), status: { linkHealth } }));
    expect(links).toContain(`west-north | west | north | up | ${cell} | 10 | 10 | 5 ms | 10 Gbit/s | - | - | -`);
    expect(links.filter((line) => line.includes("| up | up |"))).toHaveLength(cell === "up" ? 6 : 5);
  });

  test("a link that is declared down has no health", () => {
    const spec = topology().spec as { links: JsonObject[] };
    const links = spec.links.map((link) => ({ ...link, state: "down" }));
    const resources = linkResources({
      ...topology(),
      spec: { ...spec, links },
      status: { linkHealth: [] },
    });
    const known = resources.filter(({ status }) => "health" in status).map(({ name }) => name);
    expect(known.sort()).toEqual(["alice-west", "bob-east"]);
  });

  test("service", () => {
    const spec = { type: "firewall", instances: [{ name: "a", node: "n" }] };
    expect(table("Service", [resource("Service", {}, spec)])[1]).toBe("x | firewall | 1");
  });
});

describe("formats of get", () => {
  const intent = resource("Intent", { conditions: [], policies: [] });

  test("JSON: a list, or the one that was asked for by name", () => {
    const list = JSON.parse(renderResources([intent], "Intent", "json", false, false).join("\n")) as JsonObject;
    expect(list).toEqual({
      apiVersion: "sextant.dev/v1",
      kind: "List",
      items: [
        {
          apiVersion: "sextant.dev/v1",
          kind: "Intent",
          metadata: { name: "x", generation: 3, labels: { a: "b" } },
          spec: {},
          status: { conditions: [], policies: [] },
        },
      ],
    });
    const one = JSON.parse(renderResources([intent], "Intent", "json", true, false).join("\n")) as JsonObject;
    expect(one).toEqual((list["items"] as JsonObject[])[0]);
  });

  test("names, YAML, and an empty table", () => {
    expect(renderResources([intent], "Intent", "name", false, false)).toEqual(["intent/x"]);
    expect(renderResources([intent], "Intent", "yaml", true, false)).toContain("kind: Intent");
    expect(renderResources([], "Intent", "table", false, false)).toEqual(["no intent found"]);
  });

  test("watching: a header once, a line per change that shows, JSON objects on one line", () => {
    const write = changeWriter("Intent", "table", false);
    expect(write(intent, false)).toHaveLength(2);
    expect(write({ ...intent, name: "y" }, false)).toHaveLength(1);
    expect(write({ ...intent, generation: 9 }, false)).toEqual([]);
    expect(write(intent, true)).toEqual([expect.stringMatching(/^x\s+deleted$/)]);
    const [line = ""] = changeWriter("Intent", "json", false)(intent, true);
    expect(JSON.parse(line)).toMatchObject({ kind: "Intent", deleted: true });
  });
});
