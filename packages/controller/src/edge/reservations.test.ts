// A controller with its store and a clock of its own: what is reserved, who is pre-empted, what is measured, and that a restart changes none of it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policyKey } from "@sextant/model";
import pino from "pino";
import { eventually } from "../../../../test/support/eventually";
import { WINDOW_MS } from "../bandwidth/measured-demands";
import { loadCatalog } from "../pipeline/catalog";
import { Controller } from "../runtime/controller";
import { readResources } from "../runtime/read-resources";
import { openStore } from "../store/open-store";
import type { Store } from "../store/store";
import { DIAMOND, intentYaml } from "../testing/documents";

/** The fast way over s has 100 Mbit/s, the cheap one over n has 60. */
const CAPACITIES = DIAMOND.replace(/(w, b: s|a: s, b: e),/g, "$1, capacityMbps: 100,").replace(
  /(w, b: n|a: n, b: e),/g,
  "$1, capacityMbps: 60,",
);
const BYTES_PER_MBIT = 125_000;

let dir: string;
let store: Store;
let controller: Controller;
let nowMs: number;

async function start(): Promise<void> {
  store = await openStore({ kind: "level", dir: join(dir, "data") });
  const settings = { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 };
  const log = pino({ level: "silent" });
  const catalog = loadCatalog(await store.load(), "store");
  controller = new Controller({ store, catalog, term: 1n, settings, maxSessions: 10, log, nowMs: () => nowMs });
}

async function stop(): Promise<void> {
  controller.close();
  await store.close();
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sextant-reservations-"));
  nowMs = 1_000_000;
  await start();
});
afterEach(async () => {
  await stop();
  await rm(dir, { recursive: true });
});

const reserve = (mbps: number | string, setup = 7) => [`reservation: {mbps: ${mbps}, setupPriority: ${setup}}`];

async function apply(...documents: string[]): Promise<void> {
  const result = await controller.apply([{ name: "test.yaml", content: documents.join("\n---\n") }], false);
  expect(result).not.toHaveProperty("issues");
}

/** `video over s, 60 Mbit/s` for each intent, or why not. */
function told(): string[] {
  return [...controller.catalog.intents.keys()].sort().map((name) => {
    const [policy] = controller.plans.of(name)?.policies ?? [];
    const { computed, reservation } = policy ?? {};
    const path = computed?.candidates[0];
    return path === undefined
      ? `${name}: ${computed?.noPath?.reason ?? ""}`
      : `${name} over ${path.nodes[2] ?? ""}, ${reservation?.mbps ?? 0} Mbit/s`;
  });
}

test("reservations come and go, and a restart finds them as they were", async () => {
  await apply(CAPACITIES, intentYaml("video", reserve(60)), intentYaml("audio", reserve(60)));
  // Both came at once: in the order of the file.
  expect(told()).toEqual(["audio over n, 60 Mbit/s", "video over s, 60 Mbit/s"]);
  await apply(intentYaml("alarm", reserve(80, 0)));
  const pressed = ["alarm over s, 80 Mbit/s", "audio over n, 60 Mbit/s", "video: Reservation"];
  expect(told()).toEqual(pressed);
  const [video] = readResources(controller, { kind: "Intent", names: ["video"] });
  expect(JSON.stringify(video?.status)).toContain("at best 20 are left, on link");
  expect(JSON.stringify(video?.status)).toContain("intent alarm has pre-empted it");
  await stop();
  await start();
  expect(told()).toEqual(pressed);
  await controller.delete("Intent", ["alarm"]);
  expect(told()).toEqual(["audio over n, 60 Mbit/s", "video over s, 60 Mbit/s"]);
});

test("the topology tells what is reserved where", async () => {
  await apply(CAPACITIES, intentYaml("video", reserve(60)));
  const [topology] = readResources(controller, { kind: "Topology", names: [] });
  expect(topology?.status).toMatchObject({
    bandwidth: [
      { link: "alice-w", from: "alice", reservedMbps: 60 },
      { link: "bob-e", from: "e", reservedMbps: 60 },
      { link: "s-e", from: "s", reservedMbps: 60, leftMbps: 40 },
      { link: "w-s", from: "w", reservedMbps: 60, leftMbps: 40 },
    ],
  });
});

test("what hosts count is reserved from its first minute on, and after a restart", async () => {
  await apply(CAPACITIES, intentYaml("bulk", reserve("measured")), intentYaml("video", reserve(60)));
  expect(told()).toEqual(["bulk over s, 0 Mbit/s", "video over s, 60 Mbit/s"]);
  const hello = { host: "alice", agentVersion: "test", kernelRelease: "6", maxSegments: 10, features: ["insert"] };
  const port = { peer: "test", send: () => undefined, sendLinkState: () => undefined, close: () => undefined };
  const session = controller.connect({ ...hello, term: 1n, held: new Map(), resync: false }, port);
  const policy = policyKey("bulk", "bob", "forward");
  const report = (bytes: number) => {
    const policies = [{ policy, activeCandidate: 0, candidates: [], packets: 1n, bytes: BigInt(bytes) }];
    session.report({ paths: [], policies, packetsByReason: new Map(), driftRepairs: 0, uplinks: [] });
  };
  report(5_000);
  nowMs += WINDOW_MS;
  report(5_000 + 50 * BYTES_PER_MBIT * (WINDOW_MS / 1_000));
  controller.tick();
  // Bulk came first, and 40 of 100 are not enough for it and video together: video goes round.
  const measured = ["bulk over s, 50 Mbit/s", "video over n, 60 Mbit/s"];
  await eventually("the measured demand", () => (told().join() === measured.join() ? told() : undefined));
  session.disconnect();
  await stop();
  await start();
  expect(told()).toEqual(measured);
});
