import type { ServerWritableStream } from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import { type WatchEventsRequest, type WatchEventsResponse, WatchEventsResponseSchema } from "@sextant/proto";
import type { RecordedEvent } from "../events/event";
import type { Controller } from "../runtime/controller";
import { eventsAbout } from "../runtime/event-selection";
import { eventToProto, filterFromProto } from "./event-to-proto";

/** Events within this time of one another are sent together. */
const MIN_INTERVAL_MS = 50;
/** And a round that took long is followed by a rest this many times as long. */
const REST_FACTOR = 10;
/** With more than this to say at once, of each object only the latest is said. */
const MAX_STORY = 500;

/**
 * One open watch of events. It keeps nothing but the revision that it has come to, and reads on in the log when the reader has taken everything:
 * what waits for a slow reader waits in the log, which is bounded, and is the latest of each object.
 */
export class EventWatcher {
  readonly #filter: ReturnType<typeof filterFromProto>;
  #revision: number;
  #timer: NodeJS.Timeout | undefined;
  #stopWaiting: (() => void) | undefined;
  #ended = false;

  /** Throws SextantError `invalid_argument` for a filter that makes no sense. */
  constructor(
    private readonly controller: Controller,
    private readonly call: ServerWritableStream<WatchEventsRequest, WatchEventsResponse>,
    private readonly ended: () => void,
  ) {
    this.#filter = filterFromProto(call.request.filter);
    this.#revision = this.#filter.after;
    eventsAbout(controller.plans, this.#filter.subject);
  }

  /** Sends what there is, then what happens. */
  start(): void {
    for (const event of ["cancelled", "close", "error"] as const) this.call.on(event, () => this.#end());
    this.#send();
  }

  #send(): void {
    const start = performance.now();
    const isTaken = this.#sendNews();
    const restMs = Math.max(MIN_INTERVAL_MS, REST_FACTOR * (performance.now() - start));
    if (isTaken) this.#stopWaiting = this.controller.events.onNext(() => this.#sendIn(restMs));
    else this.call.once("drain", () => this.#sendIn(restMs));
  }

  #sendIn(restMs: number): void {
    if (this.#ended) return;
    this.#timer = setTimeout(() => this.#send(), restMs);
  }

  /** False when the reader could not take everything: it waits for the rest where it is. */
  #sendNews(): boolean {
    const { subject, sinceMs } = this.#filter;
    const { events, plans } = this.controller;
    const revision = events.revision;
    const news = events.read({ after: this.#revision, sinceMs, matches: eventsAbout(plans, subject) });
    for (const { event, skipped } of story(news)) {
      this.#revision = event.revision;
      const response = create(WatchEventsResponseSchema, { event: eventToProto(event), skipped });
      if (!this.call.write(response)) return false;
    }
    this.#revision = revision;
    return true;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopWaiting?.();
    clearTimeout(this.#timer);
    this.ended();
  }
}

/** All of the events, or, when there are too many, the latest of each object; `skipped` are those left out before each. */
function* story(events: readonly RecordedEvent[]): Generator<{ event: RecordedEvent; skipped: number }> {
  const keyOf = ({ kind, object }: RecordedEvent) => `${kind}/${object}`;
  const latest = events.length > MAX_STORY ? new Map(events.map((event) => [keyOf(event), event])) : undefined;
  let skipped = 0;
  for (const event of events) {
    if (latest !== undefined && latest.get(keyOf(event)) !== event) {
      skipped += 1;
      continue;
    }
    yield { event, skipped };
    skipped = 0;
  }
}
