import { ListLiveness } from "../../packages/agent/src/liveness/list-liveness";
import type { ListProbing } from "../../packages/agent/src/liveness/list-probing";
import { type LoopUse, WATCH_ROUNDS } from "../../packages/agent/src/liveness/probe-loops";
import type { LoopCounters, ProbeCounters } from "../../packages/agent/src/reconcile/data-plane";

/** What becomes of a probe by way out and way back: undefined when it is lost, else its round trip in milliseconds. */
export type Fate = (loop: 0 | 1, atMs: number) => number | undefined;

interface UnderWay {
  readonly loop: 0 | 1;
  readonly sentMs: number;
  readonly backMs: number;
  /** Undefined for a probe that asks after its loop alone. */
  readonly sequence: number | undefined;
  readonly loopSequence: number;
}

interface Counted {
  sent: number;
  returned: number;
  returnedCount: number;
  roundTripMs: number;
}

const NONE = (): Counted => ({ sent: 0, returned: 0, returnedCount: 0, roundTripMs: 0 });

/**
 * A list with two probe loops in a network of the test's making: the packet path's counters, the prober's turns and the agent's
 * judgement, a millisecond at a time. What the packet path would say is asked every millisecond, as packets do.
 */
export class TwoLoops {
  readonly liveness = new ListLiveness(0);
  nowMs = 0;
  /** Milliseconds at which packets found the list dead, by its counters and the multiplier that the agent has set. */
  readonly deadMs: number[] = [];
  readonly uses: LoopUse[] = [];
  counted = 0;
  watched = 0;
  #multiplier: number;
  #use: LoopUse = "first";
  #round = 0;
  readonly #list = NONE();
  readonly #loops = [NONE(), NONE()] as const;
  #underWay: UnderWay[] = [];

  constructor(
    readonly probing: ListProbing,
    public fate: Fate,
  ) {
    this.#multiplier = probing.multiplier;
  }

  /** Lets time pass. */
  run(forMs: number): this {
    const intervalMs = this.probing.intervalUs / 1_000;
    for (const until = this.nowMs + forMs; this.nowMs < until; this.nowMs++) {
      this.#arrive();
      if (this.nowMs % intervalMs === 0) {
        this.#judge();
        this.#send();
      }
      if (this.#list.sent - this.#list.returned >= this.#multiplier) this.deadMs.push(this.nowMs);
    }
    return this;
  }

  #judge(): void {
    const { nowMs, probing } = this;
    const idle = { tcp: undefined, unreachable: false, linkDown: false };
    this.liveness.observe({ counters: this.#counters(), ...idle, probing, nowMs });
    this.#multiplier = this.liveness.multiplier;
    this.#use = this.liveness.loops.use;
    if (this.uses.at(-1) !== this.#use) this.uses.push(this.#use);
  }

  #send(): void {
    const round = this.#round++;
    const turn = round % 2 === 0 ? 0 : 1;
    this.#sendBy(this.#use === "both" ? turn : this.#use === "first" ? 0 : 1, true);
    if (round % WATCH_ROUNDS === 1 && this.#use !== "both") this.#sendBy(this.#use === "first" ? 1 : 0, false);
  }

  #sendBy(loop: 0 | 1, isCounted: boolean): void {
    const loopSequence = ++this.#loops[loop].sent;
    const sequence = isCounted ? ++this.#list.sent : undefined;
    if (isCounted) this.counted++;
    else this.watched++;
    const roundTripMs = this.fate(loop, this.nowMs);
    if (roundTripMs === undefined) return;
    this.#underWay.push({ loop, sentMs: this.nowMs, backMs: this.nowMs + roundTripMs, sequence, loopSequence });
  }

  #arrive(): void {
    const arrived = this.#underWay.filter(({ backMs }) => backMs <= this.nowMs);
    this.#underWay = this.#underWay.filter(({ backMs }) => backMs > this.nowMs);
    for (const { loop, sequence, loopSequence, sentMs, backMs } of arrived) {
      const roundTripMs = backMs - sentMs;
      if (loopSequence <= this.#loops[loop].returned) continue;
      record(this.#loops[loop], loopSequence, roundTripMs);
      if (sequence !== undefined) record(this.#list, sequence, roundTripMs);
    }
  }

  #counters(): ProbeCounters {
    const list = countersOf(this.#list);
    const [first, alternate] = this.#loops;
    return alternate.sent === 0 ? list : { ...list, loops: [countersOf(first), countersOf(alternate)] };
  }
}

function record(counted: Counted, sequence: number, roundTripMs: number): void {
  counted.returned = Math.max(counted.returned, sequence);
  counted.returnedCount++;
  counted.roundTripMs = roundTripMs;
}

function countersOf({ sent, returned, returnedCount, roundTripMs }: Counted): LoopCounters {
  const counts = { sent: BigInt(sent), returned: BigInt(returned), returnedCount: BigInt(returnedCount) };
  return { ...counts, roundTripNs: BigInt(Math.round(roundTripMs * 1e6)) };
}
