import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;

/** What a probe gives while it has not seen what it looks for. */
type NotYet = undefined | false;

/**
 * Probes until there is an answer and gives it; a probe that throws has none yet. Throws when there is none within the bound,
 * saying what was waited for and why the last probe did not do.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | NotYet> | T | NotYet,
  boundMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + boundMs;
  for (;;) {
    const startMs = performance.now();
    let last = "the answer was no";
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
    } catch (thrown) {
      last = thrown instanceof Error ? thrown.message : String(thrown);
    }
    if (Date.now() > deadline) throw new Error(`not within ${boundMs} ms: ${what}: ${last}`);
    // A probe that is a command of its own takes a good part of a CPU: what it waits for needs one, too.
    await delay(Math.max(POLL_MS, performance.now() - startMs));
  }
}
