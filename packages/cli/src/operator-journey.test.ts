// An operator's day against a real controller on a unix socket, without agents.
import { join } from "node:path";
import { eventually } from "../../../test/support/eventually";
import type { JsonObject } from "./resource";
import { controllerAtHand } from "./testing/controller-at-hand";
import { runMain } from "./testing/run-main";

const EXAMPLES = join(__dirname, "../../../examples");
const DIAMOND = join(EXAMPLES, "diamond");
const { sextant, json, file } = controllerAtHand();

describe("before anything is declared", () => {
  test("lists are empty, and a dry run declares nothing", async () => {
    expect((await sextant("get", "intents")).stdout).toContain("no intent");
    const dry = await sextant("apply", "-f", DIAMOND, "--dry-run");
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    expect(dry.stdout).toContain("topology/diamond created (dry run)");
    expect(await json("get", "topologies")).toMatchObject({ items: [] });
  });

  test("one faulty document, and nothing of the others is applied; each problem has its place", async () => {
    const faulty = file(
      "faulty.yaml",
      "apiVersion: sextant.dev/v1\nkind: Intent\nmetadata: {name: x}\nspec: {form: {}}\n",
    );
    const { code, stdout, stderr } = await sextant("apply", "-f", DIAMOND, "-f", faulty);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`${faulty}:4:8 spec.form: `);
    expect(stderr).toMatch(/4 problems; nothing was applied\n$/);
    expect(await json("get", "intents")).toMatchObject({ items: [] });
  });
});

describe("with the diamond declared", () => {
  beforeAll(async () => {
    await sextant("apply", "-f", DIAMOND);
  });

  test("what would happen to it is the same from the controller as from the files", async () => {
    const flags = ["--fail", "link:south-east", "--each-node"];
    const live = await json("simulate", ...flags);
    const { stdout } = await runMain("simulate", "-t", DIAMOND, ...flags, "-o", "json");
    expect(live).toMatchObject({ policies: 2, changed: { counts: { losesProtection: 2, moves: 1 } } });
    expect(live).toEqual(JSON.parse(stdout));
  });

  test("applying again changes nothing; a changed spec counts as a generation", async () => {
    const again = await json("apply", "-f", DIAMOND);
    const actions = (again["applied"] as JsonObject[]).map(({ action }) => action);
    expect(actions).toEqual(["unchanged", "unchanged", "unchanged"]);
    const changed = file(
      "calls.yaml",
      "apiVersion: sextant.dev/v1\nkind: Intent\nmetadata: {name: calls}\nspec: {from: {hosts: [alice]}, to: {hosts: [bob]}, objective: {minimize: hops}}\n",
    );
    expect((await sextant("apply", "-f", changed)).stdout).toContain("intent/calls configured");
    expect(await json("get", "intent", "calls")).toMatchObject({ metadata: { generation: 2 } });
    await sextant("apply", "-f", DIAMOND);
  });

  test("what the controller shows can be applied again as it is", async () => {
    const kinds: string[] = [];
    for (const kind of ["topologies", "services", "intents"])
      kinds.push((await sextant("get", kind, "-o", "yaml")).stdout);
    const shown = file("shown.yaml", kinds.join("---\n"));
    const { applied } = await json("apply", "-f", shown);
    expect(applied).toEqual([
      { kind: "Topology", name: "diamond", action: "unchanged" },
      { kind: "Intent", name: "calls", action: "unchanged" },
      { kind: "Intent", name: "files", action: "unchanged" },
    ]);
  });

  test("an intent's JSON: candidates with metrics and segment lists, conditions, and nothing that was not observed", async () => {
    expect(await json("get", "intent", "calls")).toMatchObject({
      kind: "Intent",
      status: {
        policies: [
          {
            host: "alice",
            endpoint: "bob",
            candidates: [
              {
                preference: 100,
                nodes: ["alice", "west", "south", "east", "bob"],
                metrics: { delayUs: 2_000, igp: 30, hops: 4 },
                segmentLists: [{ weight: 1, segments: ["fcbb:bb00:3::"] }],
              },
              { preference: 90 },
            ],
          },
        ],
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: "Computed", status: "True" }),
          expect.objectContaining({ type: "Live", status: "Unknown", reason: "AgentNotConnected" }),
        ]),
      },
    });
  });

  test("compute without a controller gives the same policies", async () => {
    const files = ["-t", join(DIAMOND, "topology.yaml"), "-i", join(DIAMOND, "intents.yaml"), "-o", "json"];
    const computed = JSON.parse((await runMain("compute", ...files)).stdout) as { items: JsonObject[] };
    const [intent] = computed.items;
    const live = (await json("get", "intent", "calls"))["status"] as JsonObject;
    expect(live["policies"]).toMatchObject([{ candidates: candidatesOf(intent?.["status"] as JsonObject) }]);
  });

  test("described, explained and listed, it is the same story", async () => {
    const story = (await sextant("describe", "intent", "calls")).stdout;
    expect(story).toContain("fcbb:bb00:3::  the shortest way to south");
    expect(story).toContain("plain routing would take alice > west > north > east > bob");
    expect((await sextant("explain", "calls")).stdout).toContain("alice west north east bob");
    expect((await sextant("get", "intents")).stdout).toContain("alice > west > south > east > bob");
    expect((await sextant("get", "links")).stdout).toMatch(/west-south +west +south +up +up /);
    expect((await sextant("describe", "host", "alice")).stdout).toContain("has not connected");
    expect((await sextant("describe", "topology")).stdout).toContain("fcbb:bb00:101::");
  });

  test("what happened is listed, told with what it happened to, and filtered", async () => {
    const reasons = async (...args: string[]) =>
      ((await json("events", ...args))["items"] as JsonObject[]).map(({ reason }) => reason);
    expect(await reasons("--for", "topology/diamond")).toContain("Created");
    const ofIntent = await eventually("the chosen paths are told", async () => {
      const told = await reasons("--for", "intent/calls");
      return told.includes("PathsChosen") && told;
    });
    expect(ofIntent[0]).toBe("Created");
    expect(ofIntent).toContain("Configured");
    expect(await reasons("--for", "intent/calls", "--last", "1")).toHaveLength(1);
    expect(await reasons("--since", "2999-01-01T00:00:00Z")).toEqual([]);
    expect((await sextant("events")).stdout).toMatch(/intent\/calls +PathsChosen +alice to bob: alice > west > south/);
    expect((await sextant("describe", "intent", "calls")).stdout).toMatch(/Lately\n.*\n.*Created/);
    expect((await sextant("describe", "link", "west-south")).stdout).toContain("nothing that the controller remembers");
  });

  test.each([
    ["events of what is no kind", ["events", "--for", "flow/1"], 1],
    ["events since no time", ["events", "--since", "then"], 1],
    ["more events than there can be", ["events", "--last", "10001"], 2],
    ["a missing intent", ["get", "intent", "cals"], 1],
    ["a missing intent to describe", ["describe", "intent", "cals"], 1],
    ["a pair that the intent does not select", ["explain", "calls", "--host", "bob"], 1],
    ["a missing intent to delete", ["delete", "intent", "cals"], 1],
    ["the same, when that is all right", ["delete", "intent", "cals", "--ignore-not-found"], 0],
    ["a topology that intents need", ["delete", "topology", "diamond"], 1],
  ])("%s", async (_, args, code) => {
    expect((await sextant(...args)).code).toBe(code);
  });

  test("an intent that cannot be satisfied is explained, with its own exit status", async () => {
    await sextant("apply", "-f", join(DIAMOND, "try/impossible.yaml"));
    const { code, stdout } = await sextant("explain", "telepathy");
    expect(code).toBe(3);
    expect(stdout).toContain("MaxDelay");
    expect((await sextant("get", "intents")).stdout).toContain("Computed: NoPath");
  });

  test("deleting by file takes intents and topology back", async () => {
    await sextant("delete", "intent", "telepathy");
    expect((await sextant("delete", "-f", DIAMOND)).stdout.trim().split("\n")).toEqual([
      "intent/calls deleted",
      "intent/files deleted",
      "topology/diamond deleted",
    ]);
  });
});

function candidatesOf(status: JsonObject): unknown {
  const [policy] = status["policies"] as JsonObject[];
  return policy?.["candidates"];
}
