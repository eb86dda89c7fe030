import { status } from "@grpc/grpc-js";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Event, PathState } from "@sextant/proto";
import { eventually } from "../../../../test/support/eventually";
import { DIAMOND, intentYaml } from "../testing/documents";
import { TestController } from "../testing/test-controller";
import type { ScriptedAgent } from "../testing/scripted-agent";

const INTENT = intentYaml("web", ["protection: {backups: 1}"]);
const POLICY = "policy/web/bob";

let controller: TestController;
beforeEach(async () => {
  controller = await TestController.start({ maxWatchers: 2 });
});
afterEach(async () => {
  await controller.stop();
});

type Filter = Parameters<TestController["operator"]["events"]>[0];
const list = async (filter?: Filter) => (await controller.operator.events(filter)).events;
const reasons = (events: readonly (Event | undefined)[]) => events.map((event) => event?.reason);

/** Waits for an event of that reason about that object. */
const happened = (kind: string, name: string, reason: string) =>
  eventually(`${reason} of ${kind} ${name}`, async () =>
    (await list({ kind })).find((event) => event.name === name && event.reason === reason),
  );

/** An agent of alice that has all of its state, and its lists in order of preference. */
async function installed(): Promise<{ agent: ScriptedAgent; lists: string[] }> {
  await controller.operator.apply([DIAMOND, INTENT]);
  const agent = controller.agent("alice").hello({ kernelRelease: "6.1" });
  const { upserts } = await agent.take(1);
  const policy = upserts.find(({ key }) => key === POLICY)?.body;
  if (policy?.case !== "policy") throw new Error("no policy");
  return { agent, lists: policy.value.candidates.flatMap(({ lists }) => lists.map(({ list: key }) => key)) };
}

function report(
  agent: ScriptedAgent,
  lists: readonly string[],
  dead: readonly string[],
  activeCandidate: number,
): void {
  agent.report({
    paths: lists.map((key) => {
      const isDead = dead.includes(key);
      return { list: key, state: isDead ? PathState.DEAD : PathState.ALIVE, reason: isDead ? "probes_missing" : "" };
    }),
    policies: [{ policy: POLICY, activeCandidate }],
  });
}

test("a silent failure, told in order: what was declared, installed, died, was left, and came back", async () => {
  const { agent, lists } = await installed();
  await happened("Intent", "web", "Installed");
  report(agent, lists, [], 0);
  await happened("Intent", "web", "ProbesReturn");
  report(agent, lists, lists.slice(0, 1), 1);
  await happened("Intent", "web", "OnBackup");
  report(agent, lists, lists, -1);
  await happened("Intent", "web", "AllPathsDead");
  report(agent, lists, [], 0);
  await happened("Intent", "web", "OnPrimary");
  const told = await list({ kind: "Intent", name: "web" });
  expect(reasons(told).slice(0, 4)).toEqual(["Created", "PathsChosen", "Installed", "ProbesReturn"]);
  expect(reasons(told).slice(4, 9)).toEqual(["PathDead", "OnBackup", "PathDead", "NoLiveCandidate", "AllPathsDead"]);
  expect(told.map(({ message }) => message).join("\n")).toContain("dead: probes_missing");
  const revisions = told.map(({ revision }) => revision);
  expect(revisions).toEqual([...revisions].sort((a, b) => Number(a - b)));
});

test("sessions: opened, closed, turned away", async () => {
  const { agent } = await installed();
  await happened("Host", "alice", "Acknowledged");
  agent.close();
  await happened("Host", "alice", "SessionClosed");
  controller.agent("mallory").hello();
  const refused = await happened("Controller", "sessions", "SessionRefused");
  expect(refused.message).toContain('unknown host "mallory"');
  controller.agent("alice").hello({ term: 99n });
  await happened("Host", "alice", "SessionRefused");
  expect(reasons(await list({ kind: "Host", name: "alice" }))).toEqual([
    "SessionOpened",
    "Acknowledged",
    "SessionClosed",
    "SessionRefused",
  ]);
});

test("a path's events are told with its host and its intent, and not with others", async () => {
  const { agent, lists } = await installed();
  report(agent, lists, lists.slice(0, 1), 1);
  const { name } = await eventually("a dead path", async () =>
    (await list({ kind: "Path" })).find(({ reason }) => reason === "PathDead"),
  );
  for (const subject of [
    { kind: "Host", name: "alice" },
    { kind: "Intent", name: "web" },
    { kind: "Path", name },
  ]) {
    expect(reasons(await list(subject))).toContain("PathDead");
  }
  expect(await list({ kind: "Host", name: "bob" })).toEqual([]);
});

test("an object's events outlive it", async () => {
  await controller.operator.apply([DIAMOND, INTENT]);
  await controller.operator.delete("Intent", "web");
  expect(reasons(await list({ kind: "Intent", name: "web" })).slice(-1)).toEqual(["Deleted"]);
});

test("filters: the newest, since a moment, after a revision", async () => {
  await controller.operator.apply([DIAMOND]);
  const { events, revision } = await controller.operator.events({}, 1);
  expect(events).toMatchObject([{ kind: "Topology", name: "diamond", reason: "Created", count: 1 }]);
  expect(await list({ afterRevision: revision })).toEqual([]);
  expect(await list({ since: timestampFromMs(Date.now() + 60_000) })).toEqual([]);
  expect(reasons(await list())).toEqual(["Started", "Created"]);
});

test.each([
  ["what is no kind", { kind: "Node" }],
  ["a name without a kind", { name: "alice" }],
  ["a revision that cannot be", { afterRevision: 1n << 62n }],
])("%s is refused, listed or watched", async (_what, filter) => {
  await expect(controller.operator.events(filter)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  const watching = controller.operator.watchEvents(filter);
  await eventually("the refusal", () => watching.error);
  expect(watching.error?.code).toBe(status.INVALID_ARGUMENT);
});

test("more than fit one answer are refused", async () => {
  await expect(controller.operator.events({}, 10_001)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
});

describe("watching", () => {
  test("goes on from a revision, and tells repetitions", async () => {
    const { agent, lists } = await installed();
    report(agent, lists, [], 0);
    await happened("Intent", "web", "ProbesReturn");
    const { revision } = await controller.operator.events();
    const watching = controller.operator.watchEvents({ kind: "Path", afterRevision: revision });
    for (const count of [1, 2]) {
      report(agent, lists, lists.slice(0, 1), 1);
      await eventually(`dead ${count} times`, () =>
        watching.received.some(({ event }) => event?.reason === "PathDead" && event.count === count),
      );
      report(agent, lists, [], 0);
      await eventually(`alive ${count} times`, () =>
        watching.received.some(({ event }) => event?.reason === "PathAlive" && event.count === count),
      );
    }
    expect(watching.received.map(({ skipped }) => skipped)).toEqual([0, 0, 0, 0]);
    watching.cancel();
  });

  test("counts as a watch: beyond the limit it is refused, and one that is cancelled makes room", async () => {
    const open = [controller.operator.watchEvents(), controller.operator.watchEvents()];
    await eventually("both are served", () => open.every(({ received }) => received.length > 0));
    const third = controller.operator.watchEvents();
    await eventually("the refusal", () => third.error?.code === status.RESOURCE_EXHAUSTED);
    for (const watching of open) watching.cancel();
    await eventually("there is room", async () => {
      const again = controller.operator.watchEvents();
      await eventually("an answer", () => again.received.length > 0 || again.error !== undefined);
      again.cancel();
      return again.error === undefined;
    });
  });
});
