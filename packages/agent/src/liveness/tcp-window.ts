import type { TcpCounters } from "../reconcile/data-plane";

/** Loss and delay are over the last so long, or as far back as it takes to see enough, but no further than that. */
const WINDOW_MS = 2_000;
const WINDOW_MAX_MS = 10_000;
/** Of fewer nothing is said: as many segments as loss is counted in probes. */
export const SEGMENTS_MIN = 100;
export const ROUND_TRIPS_MIN = 16;
/** Kept of a list at most; the map is looked at a few times a second. */
const SAMPLES_MAX = 64;

interface Sample extends TcpCounters {
  readonly atMs: number;
}

/** What TCP says of a list now; undefined where it says too little. */
export interface TcpMeasured {
  /** Share of what was sent that was sent again and had not come twice, parts per million. */
  readonly lossPpm: number | undefined;
  /** So many of them. */
  readonly lost: number;
  readonly roundTripUs: number | undefined;
  /** How much longer round trips are than the least that their connections have seen on the list. */
  readonly riseUs: number | undefined;
}

const NOTHING: TcpMeasured = { lossPpm: undefined, lost: 0, roundTripUs: undefined, riseUs: undefined };

/** What TCP counted for a list over the last seconds. A list that no connection is on has nothing to say after ten. */
export class TcpWindow {
  #samples: Sample[] = [];
  /** At the last look. */
  totals: TcpCounters | undefined;
  measured: TcpMeasured = NOTHING;

  /** Totals at one look, on the monotonic clock. Totals that went backwards mean a new count: it starts again. */
  add(counters: TcpCounters, nowMs: number): void {
    const last = this.totals;
    this.totals = counters;
    if (last !== undefined && (counters.sent < last.sent || counters.roundTrips < last.roundTrips)) this.clear();
    const now = { ...counters, atMs: nowMs };
    // Nothing new: the last sample is of now.
    if (last?.sent === counters.sent && last.roundTrips === counters.roundTrips) this.#samples.pop();
    const isRecent = ({ atMs }: Sample) => nowMs - atMs <= WINDOW_MAX_MS;
    this.#samples = [...this.#samples.filter(isRecent), now].slice(-SAMPLES_MAX);
    this.measured = this.#samples.length < 2 ? NOTHING : this.#measure(now);
  }

  /** Forgets what was lost and how long it took. */
  clear(): void {
    this.#samples = [];
    this.measured = NOTHING;
  }

  get size(): number {
    return this.#samples.length;
  }

  #measure(now: Sample): TcpMeasured {
    const lossSince = this.#start(now, "sent", SEGMENTS_MIN);
    const since = this.#start(now, "roundTrips", ROUND_TRIPS_MIN);
    const lost = lossSince === undefined ? 0 : lostBetween(lossSince, now);
    const roundTrips = now.roundTrips - (since?.roundTrips ?? 0);
    return {
      lossPpm: lossSince && Math.round((1e6 * lost) / (now.sent - lossSince.sent)),
      lost,
      roundTripUs: since && (now.roundTripUs - since.roundTripUs) / roundTrips,
      riseUs: since && (now.riseUs - since.riseUs) / roundTrips,
    };
  }

  /** The latest sample that the window reaches back to with enough since then, else the oldest with that. */
  #start(now: Sample, what: "sent" | "roundTrips", least: number): Sample | undefined {
    const enough = this.#samples.filter((sample) => now[what] - sample[what] >= least);
    return enough.findLast(({ atMs }) => now.atMs - atMs >= WINDOW_MS) ?? enough[0];
  }
}

function lostBetween(before: TcpCounters, now: TcpCounters): number {
  return Math.max(0, now.sentAgain - before.sentAgain - (now.cameTwice - before.cameTwice));
}
