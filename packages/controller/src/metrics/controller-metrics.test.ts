import { exposition, Registry } from "@sextant/metrics";
import { type Delta, PathState } from "@sextant/proto";
import { eventually } from "../../../../test/support/eventually";
import { DIAMOND, intentYaml } from "../testing/documents";
import { TestController } from "../testing/test-controller";
import { CONTROLLER_FAMILIES } from "./families";
import { linkSources } from "./link-sources";

const PROTECTED = intentYaml("calls", ["protection: {backups: 1, disjoint: link}"]);

let controller: TestController;
beforeEach(async () => {
  controller = await TestController.start({ metrics: "127.0.0.1:0" });
  await controller.operator.apply([DIAMOND, PROTECTED]);
});
afterEach(() => controller.stop());

async function scrape(): Promise<string> {
  return (await fetch(`http://${controller.running.metricsAddress ?? ""}/metrics`)).text();
}

/** The value of the one series that has this name and these labels; undefined when there is none. */
async function sample(name: string, labels: readonly string[] = []): Promise<number | undefined> {
  const lines = (await scrape()).split("\n");
  const found = lines.filter(
    (line) => /^\w+/.exec(line)?.[0] === name && labels.every((label) => line.includes(label)),
  );
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0] === undefined ? undefined : Number(found[0].slice(found[0].lastIndexOf(" ")));
}

/** Keys of the lists in a delta, primary first. */
function listsOf({ upserts }: Delta): string[] {
  const policy = upserts.find(({ key }) => key.startsWith("policy/"))?.body;
  return policy?.case === "policy" ? policy.value.candidates.flatMap(({ lists }) => lists.map(({ list }) => list)) : [];
}

const POLICY = { policy: "policy/calls/bob", packets: 7n, bytes: 700n };
const path = (list: string, state: PathState, reason = "") => ({
  list,
  state,
  reason,
  roundTripUs: 2_500,
  lossPpm: 20_000,
  probesSent: 10n,
  probesReturned: 9n,
});

test("before any agent has come: hosts are down, intents are counted, nothing is said of paths", async () => {
  expect(await sample("sextant_host_up", ['host="alice"'])).toBe(0);
  expect(await sample("sextant_controller_sessions")).toBe(0);
  expect(await sample("sextant_intents", ['condition="Computed"', 'status="True"'])).toBe(1);
  expect(await sample("sextant_intent_condition", ['intent="calls"', 'condition="Live"'])).toBe(1);
  expect(await sample("sextant_policy_candidates", ['intent="calls"'])).toBe(2);
  expect(await sample("sextant_policy_candidates_alive")).toBeUndefined();
  expect(await scrape()).not.toMatch(/^sextant_path_state\{/m);
  expect(await sample("process_resident_memory_bytes")).toBeGreaterThan(1e6);
});

test("a host's report, in base units; a path that dies, an outage and its end", async () => {
  const agent = controller.agent("alice").hello();
  const delta = await agent.take(1);
  const [primary = "", backup = ""] = listsOf(delta);
  const report = (first: PathState, second: PathState, activeCandidate: number) =>
    agent.report({
      paths: [path(primary, first, first === PathState.DEAD ? "probes_missing" : ""), path(backup, second)],
      policies: [{ ...POLICY, activeCandidate }],
      packetsByReason: { inserted: 7n, no_match: 0n },
    });
  const labels = ['host="alice"', `list="${primary.slice(5)}"`];

  report(PathState.ALIVE, PathState.ALIVE, 0);
  await eventually("the path is alive", async () => (await sample("sextant_path_state", [...labels, "alive"])) === 1);
  expect(await sample("sextant_path_state", [...labels, '"dead"'])).toBe(0);
  expect(await sample("sextant_path_round_trip_seconds", labels)).toBe(0.0025);
  expect(await sample("sextant_path_loss_ratio", labels)).toBe(0.02);
  expect(await sample("sextant_policy_has_backup", ['intent="calls"'])).toBe(1);
  expect(await sample("sextant_policy_candidates_alive")).toBe(2);
  expect(await sample("sextant_host_packets_total", ['reason="inserted"'])).toBe(7);
  expect(await sample("sextant_host_packets_total", ['reason="no_match"'])).toBeUndefined();
  expect(await sample("sextant_controller_push_seconds_count")).toBe(1);

  report(PathState.DEAD, PathState.DEAD, -1);
  await eventually("no candidate is left", async () => (await sample("sextant_policy_active_candidate")) === -1);
  expect(await sample("sextant_policy_candidates_alive")).toBe(0);
  expect(await sample("sextant_policy_has_backup")).toBe(0);
  expect(await sample("sextant_policy_outage_seconds_count")).toBe(0);
  expect(await sample("sextant_path_transitions_total", ['state="dead",reason="probes_missing"'])).toBe(1);

  report(PathState.ALIVE, PathState.DEAD, 0);
  await eventually("the outage is over", async () => (await sample("sextant_policy_outage_seconds_count")) === 1);
});

test("a host that has left is down, and what it said is left out when it is too old", async () => {
  const agent = controller.agent("alice").hello();
  const [primary = ""] = listsOf(await agent.take(1));
  agent.report({ paths: [path(primary, PathState.ALIVE)] });
  await eventually("the path is told", async () => (await scrape()).includes("sextant_path_state{"));
  expect(await sample("sextant_host_up", ['host="alice"'])).toBe(1);
  agent.close();
  await eventually("the host is down", async () => (await sample("sextant_host_up", ['host="alice"'])) === 0);
  await eventually("the path is not told any more", async () => !(await scrape()).includes("sextant_path_state{"));
  expect(await sample("sextant_host_report_timestamp_seconds", ['host="alice"'])).toBeGreaterThan(1e9);
});

test("every family that is told is on the list, and none of it is a counter in disguise", async () => {
  const agent = controller.agent("alice").hello();
  await agent.take(1);
  const known = new Set(Object.values(CONTROLLER_FAMILIES).map(({ name }): string => name));
  const told = [...(await scrape()).matchAll(/^# TYPE (sextant_\w+) (\w+)$/gm)];
  for (const [, name = "", type] of told) {
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    expect(known.has(name) || name === "sextant_metrics_dropped_series").toBe(true);
  }
  expect([...known].filter((name) => !told.some(([, there]) => there === name))).toEqual([]);
});

test("links under suspicion; one that is on probation is still kept off", async () => {
  const view = { from: [], sinceMs: 0, trustedAtMs: undefined, message: "" };
  const links = new Map([
    ["s-e", { ...view, state: "down" as const, suspicion: 1 }],
    ["n-e", { ...view, state: "probation" as const, suspicion: 1 }],
    ["w-n", { ...view, state: "suspected" as const, suspicion: 0.5 }],
  ]);
  let text = "";
  for await (const piece of exposition({ sources: () => linkSources(() => links), registry: new Registry() }))
    text += piece;
  expect(text.split("\n")).toEqual(
    expect.arrayContaining([
      'sextant_link_suspicion_ratio{link="s-e"} 1',
      'sextant_link_suspicion_ratio{link="w-n"} 0.5',
      'sextant_link_localised{link="s-e"} 1',
      'sextant_link_localised{link="n-e"} 1',
      'sextant_link_localised{link="w-n"} 0',
      "sextant_links_down 2",
    ]),
  );
});

test("a metrics port that is taken: a controller does not start, and says which flag to change", async () => {
  const metrics = controller.running.metricsAddress ?? "";
  await expect(TestController.start({ metrics })).rejects.toMatchObject({
    code: "port_in_use",
    message: expect.stringContaining("--metrics"),
  });
});
