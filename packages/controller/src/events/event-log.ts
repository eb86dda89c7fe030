import type { EventInput, EventSink, RecordedEvent } from "./event";

/** Equal events of one object within this time of one another are one, with a count. */
const MERGE_WITHIN_MS = 10_000;
const MAX_MESSAGE_CHARACTERS = 512;

/** How much is remembered; beyond either bound the oldest is forgotten. */
export interface EventLimits {
  readonly total: number;
  readonly perObject: number;
}

const DEFAULT_LIMITS: EventLimits = { total: 10_000, perObject: 50 };

/** Which events. */
export interface EventQuery {
  /** Only what is newer than this revision. */
  readonly after?: number;
  /** Only what happened, or repeated itself, at this time or later: wall clock in milliseconds since 1970. */
  readonly sinceMs?: number;
  readonly matches?: (event: RecordedEvent) => boolean;
  /** The newest ones. */
  readonly limit?: number;
}

/** A place in the list of all events, which is in order of revision. */
interface Place {
  event: RecordedEvent;
  older: Place | undefined;
  newer: Place | undefined;
}

/**
 * The last things that happened, in memory: so many in all and per object. Recording costs the same whatever the rate. An equal event within
 * a short time is counted on the one there is, which moves to the end: however fast an object flaps, it takes as many places as
 * it has different things to say, and the newest of them is its present state.
 *
 * Outlives sessions and the objects themselves. It does not outlive the controller: what is true then, hosts tell in their first report.
 */
export class EventLog implements EventSink {
  readonly #limits: EventLimits;
  readonly #nowMs: () => number;
  readonly #byObject = new Map<string, Place[]>();
  readonly #waiting = new Set<() => void>();
  #oldest: Place | undefined;
  #newest: Place | undefined;
  #size = 0;
  #revision: number;

  constructor(nowMs: () => number, limits: EventLimits = DEFAULT_LIMITS) {
    this.#nowMs = nowMs;
    this.#limits = limits;
    // A reader that comes back to a restarted controller with a revision of the last one finds all of the new ones above it.
    this.#revision = nowMs() * 1_000;
  }

  /** Events remembered. */
  get size(): number {
    return this.#size;
  }

  /** Of the newest event. */
  get revision(): number {
    return this.#revision;
  }

  record(input: EventInput): void {
    const nowMs = this.#nowMs();
    const atMs = Math.min(input.atMs ?? nowMs, nowMs);
    const key = `${input.kind}/${input.object}`;
    const places = this.#byObject.get(key) ?? [];
    const message = input.message.slice(0, MAX_MESSAGE_CHARACTERS);
    const equal = places.findIndex(
      ({ event }) =>
        event.reason === input.reason && event.message === message && atMs - event.lastMs <= MERGE_WITHIN_MS,
    );
    const [place] = equal === -1 ? [] : places.splice(equal, 1);
    this.#revision += 1;
    const event = merged(place?.event, { ...input, message }, atMs, this.#revision);
    if (place !== undefined) this.#unlink(place);
    places.push(this.#append(event));
    this.#byObject.set(key, places);
    if (places.length > this.#limits.perObject) this.#forget(places[0]);
    if (this.#size > this.#limits.total) this.#forget(this.#oldest);
    this.#tell();
  }

  /** Events in order of revision. Costs as much as there are events newer than `after`. */
  read({ after = 0, sinceMs = 0, matches = () => true, limit = Infinity }: EventQuery = {}): RecordedEvent[] {
    const found: RecordedEvent[] = [];
    for (let place = this.#newest; place !== undefined && found.length < limit; place = place.older) {
      if (place.event.revision <= after) break;
      if (place.event.lastMs >= sinceMs && matches(place.event)) found.push(place.event);
    }
    return found.reverse();
  }

  /** Calls back once, at the next event: however many follow, a waiting reader costs nothing. Returns how to stop waiting. */
  onNext(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  #tell(): void {
    if (this.#waiting.size === 0) return;
    const callbacks = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of callbacks) callback();
  }

  #append(event: RecordedEvent): Place {
    const place: Place = { event, older: this.#newest, newer: undefined };
    if (this.#newest === undefined) this.#oldest = place;
    else this.#newest.newer = place;
    this.#newest = place;
    this.#size += 1;
    return place;
  }

  #unlink(place: Place): void {
    if (place.older === undefined) this.#oldest = place.newer;
    else place.older.newer = place.newer;
    if (place.newer === undefined) this.#newest = place.older;
    else place.newer.older = place.older;
    this.#size -= 1;
  }

  #forget(place: Place | undefined): void {
    if (place === undefined) return;
    this.#unlink(place);
    const key = `${place.event.kind}/${place.event.object}`;
    const left = (this.#byObject.get(key) ?? []).filter((other) => other !== place);
    if (left.length === 0) this.#byObject.delete(key);
    else this.#byObject.set(key, left);
  }
}

function merged(before: RecordedEvent | undefined, input: EventInput, atMs: number, revision: number): RecordedEvent {
  const { kind, object, reason, message, severity = "normal", host } = input;
  const told = { kind, object, reason, message, severity, host, revision };
  if (before === undefined) return { ...told, id: revision, firstMs: atMs, lastMs: atMs, count: 1 };
  const { id, firstMs, lastMs, count } = before;
  return { ...told, id, firstMs: Math.min(firstMs, atMs), lastMs: Math.max(lastMs, atMs), count: count + 1 };
}
