/** Runs of missing packets that are told one by one; longer lists are cut. */
const MAX_LOST_RUNS = 1_000;

/** One packet that arrived: its sequence number from 0, when it was sent and when it came, in the sender's microseconds. */
export interface Arrival {
  readonly sequence: number;
  readonly sentUs: number;
  readonly arrivedUs: number;
}

/** Consecutive packets that did not arrive. */
export interface LostRun {
  readonly first: number;
  readonly count: number;
}

/** What became of a stream of packets sent at a steady rate. */
export interface UdpStatistics {
  readonly sent: number;
  /** Distinct packets. */
  readonly received: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Packets that came after one with a higher number. */
  readonly reordered: number;
  /** Longest time without an arrival between the first packet sent and the last, in milliseconds. */
  readonly longestGapMs: number;
  /** Number of the packet that ended that gap; the number sent when none did. */
  readonly longestGapEnd: number;
  /** One-way delay; all zero when nothing arrived. */
  readonly delayUs: { readonly min: number; readonly median: number; readonly p99: number; readonly max: number };
  readonly lostRuns: readonly LostRun[];
}

/** Judges a stream from its arrivals, in order of arrival. `sendTimesUs` has one entry per packet sent. */
export function udpStatistics(sendTimesUs: ArrayLike<number>, arrivals: readonly Arrival[]): UdpStatistics {
  const sent = sendTimesUs.length;
  const seen = new Uint8Array(sent);
  let duplicates = 0;
  let reordered = 0;
  let highest = -1;
  const delays: number[] = [];
  for (const { sequence, sentUs, arrivedUs } of arrivals) {
    if (seen[sequence] === 1) {
      duplicates++;
      continue;
    }
    seen[sequence] = 1;
    if (sequence < highest) reordered++;
    highest = Math.max(highest, sequence);
    delays.push(arrivedUs - sentUs);
  }
  delays.sort((x, y) => x - y);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? 0;
  return {
    sent,
    received: delays.length,
    lost: sent - delays.length,
    duplicates,
    reordered,
    ...longestGap(sendTimesUs, arrivals),
    delayUs: { min: at(0), median: at(0.5), p99: at(0.99), max: at(1) },
    lostRuns: lostRuns(seen),
  };
}

/**
 * The stream begins when its first packet is sent and ends when its last one is, or arrives. A path's constant delay is no gap:
 * it is taken off the first.
 */
function longestGap(
  sendTimesUs: ArrayLike<number>,
  arrivals: readonly Arrival[],
): Pick<UdpStatistics, "longestGapMs" | "longestGapEnd"> {
  const sent = sendTimesUs.length;
  if (sent === 0) return { longestGapMs: 0, longestGapEnd: 0 };
  const delay = Math.min(...arrivals.slice(0, 100).map(({ sentUs, arrivedUs }) => arrivedUs - sentUs));
  let previous = (sendTimesUs[0] ?? 0) + (Number.isFinite(delay) ? delay : 0);
  let longest = { us: 0, end: 0 };
  for (const { sequence, arrivedUs } of arrivals) {
    if (arrivedUs - previous > longest.us) longest = { us: arrivedUs - previous, end: sequence };
    previous = Math.max(previous, arrivedUs);
  }
  const last = sendTimesUs[sent - 1] ?? 0;
  if (last - previous > longest.us) longest = { us: last - previous, end: sent };
  return { longestGapMs: longest.us / 1_000, longestGapEnd: longest.end };
}

function lostRuns(seen: Uint8Array): LostRun[] {
  const runs: LostRun[] = [];
  let first = -1;
  for (let i = 0; i <= seen.length && runs.length < MAX_LOST_RUNS; i++) {
    const missing = i < seen.length && seen[i] === 0;
    if (missing && first < 0) first = i;
    if (!missing && first >= 0) {
      runs.push({ first, count: i - first });
      first = -1;
    }
  }
  return runs;
}
