import { status } from "@grpc/grpc-js";
import { type Delta, Encapsulation, EntryStatus, PathState } from "@sextant/proto";
import { DIAMOND, intentYaml } from "../testing/documents";
import { eventually } from "../../../../test/support/eventually";
import type { Status } from "../testing/operator-client";
import { TestController } from "../testing/test-controller";

let controller: TestController;
beforeEach(async () => {
  controller = await TestController.start();
});
afterEach(async () => {
  await controller.stop();
});

interface Found {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}
const condition = (resource: Status, type: string): Found => {
  const found = (resource as { conditions: Found[] }).conditions.find((one) => one.type === type);
  if (found === undefined) throw new Error(`no condition ${type}`);
  return found;
};

/** Reads an intent's condition until it has that reason. */
async function reaches(type: string, reason: string, name = "web"): Promise<{ status: string; message: string }> {
  return eventually(`${type} of ${name} for the reason ${reason}`, async () => {
    const found = condition(await controller.operator.status("Intent", name), type);
    return found.reason === reason && found;
  });
}

const hostStatus = (host: string): Promise<Status> => controller.operator.status("Host", host);
const acked = (host: string, version: number) =>
  eventually(
    `${host} has acknowledged version ${version}`,
    async () => (await hostStatus(host)).session.ackedVersion === version,
  );

describe("a session", () => {
  test("greets, pushes what the host lacks, and believes only what is acknowledged", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web", ["protection: {backups: 1}"])]);
    const agent = controller.agent("alice").hello();
    expect(await agent.welcomed()).toMatchObject({
      term: 1n,
      settings: { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 },
    });
    const delta = await agent.delta(1);
    expect(delta.full).toBe(true);
    expect(delta.removals).toEqual([]);
    expect(delta.upserts.map(({ body }) => body.case)).toEqual(["segmentList", "segmentList", "domain", "policy"]);
    await reaches("Pushed", "AwaitingAck");
    expect(condition(await controller.operator.status("Intent", "web"), "Installed").status).toBe("False");
    agent.ack({ version: 1n });
    expect((await reaches("Installed", "Installed")).status).toBe("True");
    const [policy] = (await controller.operator.status("Intent", "web")).policies;
    expect(policy.installedGeneration).toBe(1);
    expect(condition(await controller.operator.status("Intent", "web"), "Live")).toMatchObject({
      reason: "NotReported",
    });
  });

  test("hosts without policies get the domain, and one without an agent is said to have none", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web")]);
    const bob = controller.agent("bob").hello();
    const { upserts } = await bob.take(1);
    expect(upserts.map(({ key }) => key)).toEqual(["domain"]);
    const domain = upserts[0]?.body.value as { sources: unknown[]; addresses: unknown[] };
    expect(domain.sources).toHaveLength(4);
    expect(domain.addresses).toHaveLength(1);
    expect((await reaches("Installed", "AgentNotConnected")).status).toBe("Unknown");
    expect((await hostStatus("alice")).session).toEqual({ state: "never" });
  });

  test("a host that comes back is sent the difference only, and nothing when there is none", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web"), intentYaml("old")]);
    const first = controller.agent("alice").hello();
    await first.take(1);
    await acked("alice", 1);
    first.close();
    await eventually("the session is over", async () => (await hostStatus("alice")).session.state === "disconnected");

    const second = controller.agent("alice", first.held).hello();
    await second.welcomed();
    await reaches("Installed", "Installed");
    expect((await hostStatus("alice")).session.sentVersion).toBe(0);

    await controller.operator.delete("Intent", "old");
    const delta = await second.take(1);
    expect([delta.removals, delta.upserts]).toEqual([["policy/old/bob"], []]);
    expect(second.deltas).toHaveLength(1);
  });

  test("while a delta is unacknowledged many applies become one pending delta, and the last state wins", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web")]);
    const agent = controller.agent("alice").hello();
    await agent.delta(1);
    for (let priority = 1; priority <= 20; priority++) {
      await controller.operator.apply([
        intentYaml("web", [`priority: ${priority}`]),
        intentYaml(`extra-${priority % 2}`),
      ]);
    }
    await controller.operator.delete("Intent", "extra-0");
    expect((await hostStatus("alice")).session).toMatchObject({ sentVersion: 1, ackedVersion: 0 });
    agent.ack({ version: 1n });
    const delta = await agent.take(2);
    expect(delta.upserts.map(({ key }) => key)).toEqual(["policy/extra-1/bob", "policy/web/bob"]);
    expect(delta.upserts[1]?.body.value).toMatchObject({ priority: 20, generation: 21 });
    await acked("alice", 2);
    expect(agent.deltas).toHaveLength(2);
  });

  test("what an agent cannot do is heeded as soon as it says so, at both ends", async () => {
    await controller.operator.apply([
      DIAMOND,
      intentYaml("web", ["to: {prefixes: ['2001:db9:bb:1::/64']}", "application: {dscp: ef, user: www}"]),
      intentYaml("strict", ["mode: encap"]),
    ]);
    const alice = controller.agent("alice").hello({ features: ["insert", "encap", "ipv4"] });
    const encapsulations = ({ upserts }: Delta) =>
      upserts.flatMap(({ body }) => (body.case === "segmentList" ? body.value.encapsulation : []));
    const first = await alice.take(1);
    expect(new Set(encapsulations(first))).toEqual(new Set([Encapsulation.ENCAP]));
    expect(first.upserts.find(({ key }) => key.startsWith("policy/web"))?.body.value).toMatchObject({
      match: { dscp: 46, user: "www", destinations: [{ length: 64 }] },
    });

    const bob = controller.agent("bob").hello({ features: ["insert"] });
    await bob.take(1);
    expect(encapsulations(await alice.take(2))).toEqual([Encapsulation.INSERT]);
    expect((await bob.take(2)).upserts[0]?.body.value).toMatchObject({ senders: [] });
    expect((await reaches("Encoded", "HostLacksFeature", "strict")).message).toContain("bob");
    bob.close();

    const better = controller.agent("bob", bob.held).hello({ features: ["insert", "encap", "ipv4"] });
    const domain = await better.take(1);
    expect(domain.upserts[0]?.body.value).toMatchObject({ senders: [{ prefixes: [{ length: 128 }] }] });
    await reaches("Encoded", "Encoded", "strict");
  });

  test("outer headers wait for the end that is to take them off, unless it never answers", async () => {
    await controller.operator.apply([DIAMOND]);
    const features = ["insert", "encap", "ipv4"];
    const near = controller.agent("alice").hello({ features });
    const far = controller.agent("bob").hello({ features });
    await near.take(1);
    await far.take(1);
    await controller.operator.apply([intentYaml("web", ["mode: encap"])]);
    expect((await far.delta(2)).upserts.map(({ key }) => key)).toEqual(["domain"]);
    const lists = await near.take(2);
    expect(lists.upserts.map(({ body }) => body.case)).toEqual(["segmentList"]);
    far.ack({ version: 2n });
    expect((await near.take(3)).upserts.map(({ body }) => body.case)).toEqual(["policy"]);

    await controller.operator.delete("Intent", "web");
    await near.take(4);
    await controller.operator.apply([intentYaml("next", ["mode: encap"])]);
    await near.take(5);
    expect((await near.take(6)).upserts.map(({ key }) => key)).toEqual(["policy/next/bob"]);
  }, 20_000);

  test("a sender is admitted until it has said that it sends no more, however long it is away", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web", ["mode: encap"]), intentYaml("other")]);
    const features = ["insert", "encap", "ipv4"];
    const far = controller.agent("bob").hello({ features });
    const sendersIn = ({ upserts }: Delta) =>
      upserts.flatMap(({ body }) => (body.case === "domain" ? [body.value.senders.length] : []));
    expect(sendersIn(await far.take(1))).toEqual([1]);
    const near = controller.agent("alice").hello({ features });
    await near.take(1);
    await acked("alice", 1);
    near.close();
    await eventually("alice is gone", async () => (await hostStatus("alice")).session.state === "disconnected");

    await controller.operator.delete("Intent", "web");
    const back = controller.agent("alice", near.held).hello({ features });
    expect((await back.delta(1)).removals).toContain("policy/web/bob");
    expect((await hostStatus("bob")).session.sentVersion).toBe(1);
    back.ack({ version: 1n });
    expect(sendersIn(await far.take(2))).toEqual([0]);
  });

  test("a version that its host refuses leaves the one before in force, and its sender admitted", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web", ["mode: encap"])]);
    const features = ["insert", "encap", "ipv4"];
    const far = controller.agent("bob").hello({ features });
    await far.take(1);
    const near = controller.agent("alice").hello({ features });
    await near.take(1);
    await controller.operator.apply([intentYaml("web", ["mode: insert"])]);
    const { upserts } = await near.delta(2);
    const refused = upserts
      .filter(({ body }) => body.case === "policy")
      .map(({ key, revision }) => ({ key, revision }));
    const entries = refused.map((entry) => ({
      ...entry,
      status: EntryStatus.REJECTED,
      reason: "map_full",
      message: "",
    }));
    near.ack({ version: 2n, entries });
    await reaches("Installed", "MapFull");
    expect((await hostStatus("bob")).session.sentVersion).toBe(1);
    near.ack({ version: 2n, entries: refused.map((entry) => ({ ...entry, status: EntryStatus.INSTALLED })) });
    expect((await far.take(2)).upserts[0]?.body.value).toMatchObject({ senders: [] });
  });

  test("lists go before the policies that use them and leave after, in one delta", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web")]);
    const agent = controller.agent("alice").hello();
    const before = await agent.take(1);
    await controller.operator.apply([intentYaml("web", ["objective: {minimize: igp}"])]);
    const delta = await agent.take(2);
    expect(delta.upserts.map(({ body }) => body.case)).toEqual(["segmentList", "policy"]);
    expect(delta.removals).toEqual(before.upserts.map(({ key }) => key).filter((key) => key.startsWith("list/")));
  });

  test("a refused entry is visible with the agent's reason until a later ack heals it", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web")]);
    const agent = controller.agent("alice").hello();
    const { upserts } = await agent.delta(1);
    const list = upserts[0] ?? { key: "", revision: "" };
    const nack = {
      key: list.key,
      revision: list.revision,
      status: EntryStatus.REJECTED,
      reason: "map_full",
      message: "no room",
    };
    agent.ack({ version: 1n, entries: [nack] });
    const refused = await reaches("Installed", "MapFull");
    expect(refused.status).toBe("False");
    expect(refused.message).toContain("no room");
    expect((await hostStatus("alice")).notInstalled).toEqual([
      { key: list.key, status: "rejected", reason: "map_full", message: "no room" },
    ]);
    agent.ack({ version: 1n, entries: [{ ...nack, status: EntryStatus.INSTALLED, reason: "", message: "" }] });
    expect((await reaches("Installed", "Installed")).status).toBe("True");
  });

  test("while a new version waits the generation in the kernel is the old one", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web")]);
    const agent = controller.agent("alice").hello();
    await agent.take(1);
    await controller.operator.apply([intentYaml("web", ["application: {cgroup: apps/web}"])]);
    const [policy] = (await agent.delta(2)).upserts;
    const waiting = { status: EntryStatus.WAITING, reason: "cgroup_missing", message: "apps/web does not exist" };
    agent.ack({ version: 2n, entries: [{ key: policy?.key ?? "", revision: policy?.revision ?? "", ...waiting }] });
    await reaches("Installed", "CgroupMissing");
    expect((await controller.operator.status("Intent", "web")).policies[0].installedGeneration).toBe(1);
  });

  test("reports become liveness, and rows about foreign entries are counted, not believed", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web", ["protection: {backups: 1}"])]);
    const agent = controller.agent("alice").hello();
    const { upserts } = await agent.take(1);
    const lists = upserts.filter(({ body }) => body.case === "segmentList").map(({ key }) => key);
    const candidates = (upserts.at(-1)?.body.value as { candidates: { lists: { list: string }[] }[] }).candidates;
    const primary = candidates[0]?.lists[0]?.list ?? "";
    const path = (list: string, state: PathState) => ({
      list,
      state,
      stateAgeMs: 5_000n,
      roundTripUs: 800,
      lossPpm: 10_000,
      deadReturns: 1,
    });
    const policy = { policy: "policy/web/bob", packets: 7n, bytes: 700n };

    agent.report({
      paths: lists.map((list) => path(list, PathState.UNPROVEN)),
      policies: [{ ...policy, activeCandidate: 0 }],
    });
    expect((await reaches("Live", "Unproven")).status).toBe("Unknown");
    agent.report({
      paths: [...lists.map((list) => path(list, PathState.ALIVE)), path("list/00000000000000ff", PathState.ALIVE)],
      policies: [{ ...policy, activeCandidate: 0 }],
    });
    expect((await reaches("Live", "ProbesReturn")).status).toBe("True");
    const status = await controller.operator.status("Intent", "web");
    expect(status.policies[0]).toMatchObject({ activeCandidate: 0, packets: 7, bytes: 700 });
    expect(status.policies[0].candidates[0].segmentLists[0]).toMatchObject({
      list: primary,
      state: "alive",
      roundTripUs: 800,
      lossPpm: 10_000,
      deadReturns: 1,
    });
    expect((await hostStatus("alice")).lastReport.ignoredRows).toBe(1);
    agent.report({
      paths: lists.map((list) => path(list, PathState.DEAD)),
      policies: [{ ...policy, activeCandidate: -1 }],
    });
    expect((await reaches("Live", "AllPathsDead")).status).toBe("False");
  });

  test("a report that grows old is no longer believed", async () => {
    await controller.stop();
    controller = await TestController.start({ reportIntervalMs: 100 });
    await controller.operator.apply([DIAMOND, intentYaml("web")]);
    const agent = controller.agent("alice").hello();
    const [list] = (await agent.take(1)).upserts;
    const policies = [{ policy: "policy/web/bob", activeCandidate: 0 }];
    agent.report({ paths: [{ list: list?.key ?? "", state: PathState.ALIVE }], policies });
    await reaches("Live", "ProbesReturn");
    expect((await reaches("Live", "ReportStale")).status).toBe("Unknown");
  });

  test("an agent that holds what nobody knows is told everything", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web")]);
    const held = [{ key: "tunnel/7", revision: "1", status: EntryStatus.INSTALLED }];
    const agent = controller.agent("alice").hello({ held });
    const delta = await agent.take(1);
    expect(delta.full).toBe(true);
    expect(delta.upserts).toHaveLength(3);
    await reaches("Installed", "Installed");
    expect(agent.deltas).toHaveLength(1);
  });
});

describe("a restarted controller", () => {
  test("that has lost its store is taken up again from the term that its hosts name", async () => {
    await controller.operator.apply([DIAMOND]);
    await controller.agent("alice").hello({ term: 7n }).ended();
    Object.assign(controller.options, { minTerm: 8 });
    await controller.restart();
    expect((await controller.agent("alice").hello({ term: 7n }).welcomed()).term).toBe(8n);
    expect(await hostStatus("alice")).not.toHaveProperty("refused");
  });

  test("raises its term, has its documents, and sends nothing to a host that holds everything", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("web", ["protection: {backups: 1}"])]);
    await controller.operator.apply([intentYaml("web", ["protection: {backups: 1}", "priority: 7"])]);
    const before = controller.agent("alice").hello();
    await before.take(1);
    await acked("alice", 1);
    await controller.restart();
    expect((await before.ended()).code).toBe(status.UNAVAILABLE);

    const after = controller.agent("alice", before.held).hello({ term: 1n });
    expect((await after.welcomed()).term).toBe(2n);
    await reaches("Installed", "Installed");
    const [web] = await controller.operator.get("Intent", "web");
    expect([web?.generation, (web?.status as Status).policies[0].installedGeneration]).toEqual([2, 2]);
    expect((await hostStatus("alice")).session.sentVersion).toBe(0);
    expect(after.deltas).toEqual([]);
  });

  test("waits for a far end before it replaces what works by what that end may not be able to do", async () => {
    const spec = ["to: {prefixes: ['2001:db9:bb:1::/64']}"];
    await controller.operator.apply([DIAMOND, intentYaml("web", spec)]);
    const [old, able] = [["insert"], ["insert", "encap", "ipv4"]];
    const far = controller.agent("bob").hello({ features: old });
    await far.take(1);
    const near = controller.agent("alice").hello({ features: able });
    await near.take(1);
    await acked("alice", 1);
    await controller.restart();

    const back = controller.agent("alice", near.held).hello({ features: able, term: 1n });
    await back.welcomed();
    await eventually("alice is known", async () => (await hostStatus("alice")).session.state === "connected");
    await controller.agent("bob", far.held).hello({ features: old, term: 1n }).welcomed();
    await reaches("Installed", "Installed");
    const sent = back.deltas.flatMap(({ upserts }) => upserts.map(({ body }) => body.case));
    expect(sent).not.toContain("policy");
  });
});
