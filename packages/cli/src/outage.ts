import { setTimeout as wait } from "node:timers/promises";
import { SextantError } from "@sextant/model";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/** An answer, or the reason why there is no controller to give one. */
type Attempt<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "outage"; readonly reason: string };

/** Who is told of a controller that goes and comes back: each once per outage. */
export interface OutageEvents {
  onOutage(reason: string): void;
  onReturn(): void;
}

/** Tells the person at the terminal, apart from the output. */
export const OUTAGE_ON_STDERR: OutageEvents = {
  onOutage: (reason) => process.stderr.write(`sextant: ${reason}; waiting for the controller\n`),
  onReturn: () => process.stderr.write("sextant: the controller is back\n"),
};

/**
 * Runs a watch until the signal, again and again while controllers come and go. `ask` finds out whether one is back; what it says is
 * handed to `caughtUp` before the next watch. Throws the SextantError of any refusal.
 */
export async function throughOutages<T>(
  watch: () => Promise<void>,
  ask: () => Promise<T>,
  caughtUp: (present: T) => void,
  events: OutageEvents,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const watched = await attempt(watch);
    if (signal.aborted) return;
    events.onOutage(watched.kind === "outage" ? watched.reason : "the controller ended the watch");
    const back = await whenBack(ask, signal);
    if (back.kind === "outage") return;
    events.onReturn();
    caughtUp(back.value);
  }
}

/** Tells a controller that cannot be reached, which is waited for, from every other failure, which is thrown. */
async function attempt<T>(action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: "answered", value: await action() };
  } catch (thrown) {
    const error = SextantError.from(thrown);
    if (error.code !== "unavailable") throw error;
    return { kind: "outage", reason: error.message };
  }
}

/** Asks with growing pauses; the outage stands when the signal came first. */
async function whenBack<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<Attempt<T>> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return { kind: "outage", reason: "asked no longer" };
    const answer = await attempt(ask);
    if (answer.kind === "answered") return answer;
  }
}
