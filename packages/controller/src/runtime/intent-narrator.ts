import type { EventSink } from "../events/event";
import { intentEvents, type IntentPicture } from "./intent-events";
import type { IntentStatus } from "./intent-status";

/** Changes within this time of one another are told as one. */
const MIN_REST_MS = 50;
/** Longest that everything else waits for this. */
const SLICE_MS = 5;
/** Rest after work, as a multiple of it: looking at intents stays a small share of what a controller does. */
const REST_FACTOR = 10;

/**
 * Tells what becomes of intents, by looking at those that something happened to: at what they are then, not at each step on
 * the way. Whatever the rate of changes, it remembers one picture of each intent and the names of those to look at.
 */
export class IntentNarrator {
  readonly #pictures = new Map<string, IntentPicture>();
  readonly #touched = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `statusOf` gives the present status of an intent; undefined when there is no such intent any more. */
  constructor(
    private readonly statusOf: (intent: string) => IntentStatus | undefined,
    private readonly sink: EventSink,
  ) {}

  /** Something may have changed about these. */
  touch(intents: Iterable<string>): void {
    for (const name of intents) this.#touched.add(name);
    this.#schedule(MIN_REST_MS);
  }

  /** Looks at nothing any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(restMs: number): void {
    if (this.#stopped || this.#timer !== undefined || this.#touched.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const start = performance.now();
      this.#tellSome(start + SLICE_MS);
      this.#schedule(Math.max(MIN_REST_MS, REST_FACTOR * (performance.now() - start)));
    }, restMs).unref();
  }

  #tellSome(untilMs: number): void {
    for (const name of this.#touched) {
      this.#touched.delete(name);
      this.#tell(name);
      if (performance.now() > untilMs) return;
    }
  }

  #tell(name: string): void {
    const status = this.statusOf(name);
    if (status === undefined) {
      this.#pictures.delete(name);
      return;
    }
    const { events, picture } = intentEvents(name, status, this.#pictures.get(name));
    this.#pictures.set(name, picture);
    for (const event of events) this.sink.record(event);
  }
}
