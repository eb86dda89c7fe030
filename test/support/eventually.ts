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
    let last = "the answer was no";
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
    } catch (thrown) {
      last = thrown instanceof Error ? thrown.message : String(thrown);
    }
    if (Date.now() > deadline) throw new Error(`not within ${boundMs} ms: ${what}: ${last}`);
    await delay(POLL_MS);
  }
}
