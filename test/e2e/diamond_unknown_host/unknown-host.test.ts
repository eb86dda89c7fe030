// The diamond of ../rig/diamond.ts, of which the controller does not know bob at first.
import { readFileSync } from "node:fs";
import { eventually } from "../../support/eventually";
import { example, Rig } from "../rig/rig";

jest.setTimeout(60_000);

const TOPOLOGY = readFileSync(example("diamond", "topology.yaml"), "utf8");
const WITHOUT_BOB = TOPOLOGY.split("\n")
  .filter((line) => !line.includes("name: bob"))
  .join("\n");

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond", daemons: "none" });
  await rig.lab.startController();
  await rig.apply(WITHOUT_BOB);
}, 60_000);
afterAll(() => rig.down());

function log(daemon: "controller" | "alice" | "bob"): Record<string, unknown>[] {
  const file = rig.lab.daemonLog(daemon === "controller" ? { controller: true } : { agent: daemon });
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("an agent whose host the topology does not know says so, keeps trying, and is let in once it does", async () => {
  await rig.lab.startAgent("bob");
  const refusals = () => log("bob").filter(({ reason }) => /unknown host "bob".*declare it/.test(String(reason)));
  await eventually("it has been refused more than once", () => refusals().length >= 3);
  const attempts = refusals().map(({ attempt }) => Number(attempt));
  expect(attempts).toEqual(attempts.map((_, i) => i));
  const told = log("controller").filter(({ msg }) => /^session refused: unknown host "bob"/.test(String(msg)));
  expect(told.length).toBeGreaterThanOrEqual(attempts.length);
  expect((await rig.sextant(["get", "host", "bob"])).status).toBe(1);

  await rig.apply(TOPOLOGY);
  await eventually("it is connected", async () => (await rig.host("bob")).session.state === "connected", 20_000);
  await eventually("it has what it is to hold", async () => (await rig.host("bob")).currentEntries === 1);
});

test("an agent with the certificate of another host is refused, and both sides say why", async () => {
  const { certFile, keyFile } = rig.lab.tlsFiles("bob");
  await rig.lab.startAgent("alice", ["--tls-cert", certFile, "--tls-key", keyFile]);
  await eventually("it has been refused", () =>
    log("alice").some(({ reason }) => /may not act for host "alice"/.test(String(reason))),
  );
  await eventually("the controller has said so", () =>
    log("controller").some(({ msg }) => /^session refused: .*"bob".*may not act for host "alice"/.test(String(msg))),
  );
  expect((await rig.host("alice")).session.state).toBe("never");
  expect((await rig.host("bob")).session.state).toBe("connected");
  await rig.lab.stopAgent("alice");
  await rig.lab.startAgent("alice");
  await eventually("with its own it is let in", async () => (await rig.host("alice")).session.state === "connected");
});
