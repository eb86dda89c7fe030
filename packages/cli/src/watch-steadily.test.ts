import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runController } from "@sextant/controller";
import { eventually } from "../../../test/support/eventually";
import { OperatorClient } from "./edge/operator-client";
import { watchSteadily } from "./watch-steadily";

const DIAMOND = join(__dirname, "../../../examples/diamond");
const directory = mkdtempSync(join(tmpdir(), "sextant-watch-"));
const server = `unix:${join(directory, "controller.sock")}`;
const start = (data: string) => runController({ dataDir: join(directory, data), listen: [server], logLevel: "silent" });
const files = ["topology.yaml", "intents.yaml"].map((name) => ({
  name,
  content: readFileSync(join(DIAMOND, name), "utf8"),
}));

afterAll(() => rmSync(directory, { recursive: true }));

test("a watch outlives its controllers, and tells what changed while there was none", async () => {
  const client = new OperatorClient({ server, timeout: 5 });
  const stop = new AbortController();
  const heard: string[] = [];
  const events = {
    onChange: ({ name }: { name: string }, deleted: boolean) => void heard.push(deleted ? `${name} deleted` : name),
    onOutage: () => void heard.push("outage"),
    onReturn: () => void heard.push("return"),
  };
  const first = await start("first");
  await client.apply(files, false);
  const watching = watchSteadily(client, "Intent", [], events, stop.signal);
  await eventually("both intents", () => heard.length === 2);
  await first.close();
  await eventually("the outage", () => heard.includes("outage"));
  // Another store: what was there is gone.
  const second = await start("second");
  await eventually("the return", () => heard.includes("return"));
  await client.apply(files, false);
  await eventually("the new intents", () => heard.length === 8);
  expect(heard).toEqual(["calls", "files", "outage", "return", "calls deleted", "files deleted", "calls", "files"]);
  stop.abort();
  await watching;
  client.close();
  await second.close();
});

test("a controller that is not there in the first place is an error", async () => {
  const client = new OperatorClient({ server: `unix:${join(directory, "nobody.sock")}`, timeout: 5 });
  const silent = { onChange: () => undefined, onOutage: () => undefined, onReturn: () => undefined };
  const watching = watchSteadily(client, "Intent", [], silent, new AbortController().signal);
  await expect(watching).rejects.toMatchObject({ code: "unavailable" });
  client.close();
});
