// A controller of its own behind a real listener, so that events can come faster than any agent would send them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { eventually } from "../../../../test/support/eventually";
import { EMPTY_CATALOG } from "../pipeline/catalog";
import { Controller } from "../runtime/controller";
import { openStore } from "../store/open-store";
import type { Store } from "../store/store";
import { OperatorClient } from "../testing/operator-client";
import { parseListenAddress } from "./listen-address";
import { serve, type Serving } from "./serve";

// Much is recorded: on a busy machine that takes its time.
jest.setTimeout(30_000);

const OBJECTS = 600;

let dir: string;
let store: Store;
let controller: Controller;
let serving: Serving;
let client: OperatorClient;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sextant-events-"));
  store = await openStore({ kind: "level", dir: join(dir, "data") });
  const settings = { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 };
  const log = pino({ level: "silent" });
  const parts = { store, catalog: EMPTY_CATALOG, term: 1n, settings, maxSessions: 10, log, nowMs: () => Date.now() };
  controller = new Controller(parts);
  const listen = [parseListenAddress(`unix:${join(dir, "socket")}`)];
  const options = { listen, tls: undefined, controllerVersion: "test", log, maxWatchers: 10, maxResources: 10 };
  serving = await serve(controller, options);
  client = new OperatorClient(`unix:${join(dir, "socket")}`);
});
afterAll(async () => {
  client.close();
  controller.close();
  await serving.close();
  await store.close();
  await rm(dir, { recursive: true });
});

/** So many transitions, each with something else to say, over the same paths. */
function storm(transitions: number): void {
  for (let i = 0; i < transitions; i++) {
    const reason = Math.floor(i / OBJECTS) % 2 === 0 ? "PathDead" : "PathAlive";
    controller.events.record({ kind: "Path", object: `h/${i % OBJECTS}`, reason, message: `transition ${i}` });
  }
}

/** The newest event of each path, as told or as the log has it. */
const newest = (events: readonly { readonly name: string; readonly message: string }[]) =>
  new Map(events.map(({ name, message }) => [name, message]));

test("a reader that stands still through a storm is then told the latest of each object, and how much it missed", async () => {
  const watching = client.watchEvents({ kind: "Path" });
  const told = () => watching.received.flatMap(({ event }) => event ?? []);
  storm(OBJECTS);
  await eventually("the watch has begun", () => watching.received.length > 0);
  watching.pause();
  const rounds = 15;
  for (let round = 0; round < rounds; round++) {
    storm(10_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const remembered = controller.events.read({ matches: ({ kind }) => kind === "Path" });
  expect(remembered.length).toBeLessThanOrEqual(10_000);
  watching.resume();
  const last = newest(remembered.map(({ object, message }) => ({ name: object, message })));
  expect(last.size).toBe(OBJECTS);
  await eventually("the last state of every path", () => {
    const known = newest(told());
    return [...last].every(([name, message]) => known.get(name) === message);
  });
  expect(told().length).toBeLessThan((rounds * 10_000) / 10);
  expect(watching.received.reduce((sum, { skipped }) => sum + skipped, 0)).toBeGreaterThan(0);
  watching.cancel();
});
