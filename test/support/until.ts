import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 10;

/** Waits until `holds` is true; throws after 10 s, or the bound given, naming what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, boundMs = 10_000): Promise<void> {
  const deadline = Date.now() + boundMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${boundMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}
