// The diamond of ../rig/diamond.ts. Hosts forward on whatever becomes of the controller, and it knows what it knew.
import { readFileSync } from "node:fs";
import type { Resource } from "../../../packages/cli/src/resource";
import { CALLS, callsIntent, diamondWithCalls } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls();
}, 60_000);
afterAll(() => rig.down());

/** How often the agent has installed anything since it started. */
function deltasInstalled(): number {
  const log = readFileSync(rig.lab.daemonLog({ agent: "alice" }), "utf8");
  return log.split("\n").filter((line) => line.includes('"delta installed"')).length;
}

test("kill -9 of the controller: no packet is lost, the operator is told, and it comes back with all it had", async () => {
  const before = await rig.get<Resource[]>("intents", "calls");
  const { session } = await rig.host("alice");
  const term = (session as { term?: number }).term ?? 0;
  const stream = await Stream.start(rig, CALLS);

  // Gone: the command says so, with its own exit status.
  await rig.lab.killController();
  const asked = await rig.sextant(["get", "intents"]);
  expect(asked.status).toBe(4);
  expect(asked.stdout).toBe("");
  expect(asked.stderr).toContain(rig.lab.controllerSocket);
  const whileGone = await rig.steered(CALLS.from);
  await eventually("steering goes on", async () => (await rig.steered(CALLS.from)) > whileGone + 100);

  // Back: intents and topology from its store, a higher term, and nothing to send.
  const installs = deltasInstalled();
  await rig.lab.startController();
  expect(await rig.get("topologies", "diamond")).toMatchObject({ metadata: { name: "diamond", generation: 1 } });
  await rig.live("calls");
  expect(await rig.get("intents", "calls")).toMatchObject({
    metadata: { generation: 1 },
    spec: (before as unknown as { spec: object }).spec,
  });
  for (const host of ["alice", "bob"]) {
    const now = await eventually(`${host} is back`, async () => {
      const status = await rig.host(host);
      return status.session.state === "connected" && status;
    });
    expect((now.session as { term?: number }).term).toBeGreaterThan(term);
    expect(now).toMatchObject({
      currentEntries: now.desiredEntries,
      notInstalledEntries: 0,
      session: { sentVersion: 0 },
    });
  }
  expect(deltasInstalled()).toBe(installs);

  const { lost, duplicates, reordered } = await stream.end();
  expect({ lost, duplicates, reordered }).toEqual({ lost: 0, duplicates: 0, reordered: 0 });
});

test("what is declared after the restart reaches the hosts", async () => {
  await rig.apply(callsIntent());
  await rig.live("calls");
  expect(await rig.segments("calls")).toHaveLength(1);
});
