import type { TcpCounters } from "../reconcile/data-plane";
import { Least } from "./least";
import type { ListProbing } from "./list-probing";
import { TcpBound } from "./tcp-bound";
import { TcpWindow } from "./tcp-window";

/** Fewer lost segments prove nothing: one event takes several, whatever the share of what was sent. */
const LOST_MIN = 5;

/** Which bounds of a list TCP finds violated. */
export interface TcpVerdict {
  readonly loss: boolean;
  readonly delay: boolean;
}

/**
 * What TCP says of a list that it uses. Loss: the share that it had to send again. Delay: a round trip comes back by a way that is
 * not the list's and ends at a peer beyond it, so only what it has grown by counts, half of it as of a probe's loop, on top of
 * the shortest loop that probes have seen: what they have seen of the same growth does not count twice.
 */
export class TcpWord {
  readonly window = new TcpWindow();
  readonly #loop = new Least();
  readonly #loss = new TcpBound();
  readonly #delay = new TcpBound();

  /** What the kernel has counted, where it was looked at. */
  measure(counters: TcpCounters | undefined, nowMs: number): void {
    if (counters !== undefined) this.window.add(counters, nowMs);
  }

  /** `loopUs`: the mean of the list's probes, undefined before the first return. */
  judge({ maxLossPpm, maxDelayUs, violationMs }: ListProbing, loopUs: number | undefined, nowMs: number): TcpVerdict {
    if (loopUs !== undefined) this.#loop.add(loopUs, nowMs);
    const bound = (max: number | undefined) => (max === undefined ? undefined : { max, violationMs });
    const { lossPpm, lost, riseUs } = this.window.measured;
    const isProof = lossPpm === undefined || lost >= LOST_MIN;
    const leastUs = this.#loop.value;
    const delayUs = riseUs === undefined || leastUs === undefined ? undefined : (leastUs + riseUs) / 2;
    return {
      loss: this.#loss.judge(isProof ? lossPpm : 0, bound(maxLossPpm), nowMs),
      delay: this.#delay.judge(delayUs, bound(maxDelayUs), nowMs),
    };
  }
}
