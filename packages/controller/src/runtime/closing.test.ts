import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import pino from "pino";
import { loadCatalog } from "../pipeline/catalog";
import { openStore } from "../store/open-store";
import { DIAMOND, intentYaml } from "../testing/documents";
import { Controller } from "./controller";

const MANY = Array.from({ length: 500 }, (_, i) => intentYaml(`many-${i}`)).join("---\n");

test("a controller that is closed while it plans documents leaves the rest to the next one, and has stored them", async () => {
  const dir = await mkdtemp(join(tmpdir(), "sextant-closing-"));
  try {
    const lines: string[] = [];
    const log = pino({ level: "info" }, { write: (line) => void lines.push(line) });
    const store = await openStore({ kind: "level", dir });
    const settings = { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 };
    const catalog = loadCatalog(await store.load(), "store");
    const nowMs = () => Date.now();
    const controller = new Controller({ store, catalog, term: 1n, settings, maxSessions: 1, log, nowMs });
    const applying = controller.apply([{ name: "test.yaml", content: [DIAMOND, MANY].join("---\n") }], false);
    while ((await store.load()).length === 0) await setImmediate();
    controller.close();
    expect(await applying).not.toHaveProperty("issues");
    await setImmediate();
    await setImmediate();
    expect(lines.filter((line) => line.includes("intents computed"))).toEqual([]);
    expect(loadCatalog(await store.load(), "store").intents.size).toBe(500);
    await store.close();
  } finally {
    await rm(dir, { recursive: true });
  }
});
