import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { runController } from "@sextant/controller";
import { eventually } from "../../../../test/support/eventually";
import { OperatorClient } from "../edge/operator-client";

const TOPOLOGY = join(__dirname, "../../../../examples/diamond/topology.yaml");
const PROGRAM = join(__dirname, "../../dist/main.js");
const directory = mkdtempSync(join(tmpdir(), "sextant-events-"));
const server = `unix:${join(directory, "controller.sock")}`;
const start = () => runController({ dataDir: join(directory, "data"), listen: [server], logLevel: "silent" });
const topology = { name: "topology.yaml", content: readFileSync(TOPOLOGY, "utf8") };

jest.setTimeout(30_000);
afterAll(() => rmSync(directory, { recursive: true }));

test("a watch of events outlives its controller: each event is told once, in order", async () => {
  const client = new OperatorClient({ server, timeout: 5 });
  const first = await start();
  await client.apply([topology], false);
  const child = spawn(process.execPath, [PROGRAM, "events", "-w", "-o", "json", "--server", server]);
  const reasons: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) =>
    reasons.push((JSON.parse(line) as { reason: string }).reason),
  );
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = new Promise((resolve) => child.once("close", resolve));
  await eventually("what there was", () => reasons.length === 2);
  await client.delete("Topology", ["diamond"]);
  await eventually("the deletion", () => reasons.length === 3);
  await first.close();
  await eventually("the outage is told", () => complaints.includes("waiting for the controller"));
  const second = await start();
  await eventually("the new controller's start", () => reasons.length === 4);
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  expect(reasons).toEqual(["Started", "Created", "Deleted", "Started"]);
  expect(complaints).toContain("the controller is back");
  client.close();
  await second.close();
});
