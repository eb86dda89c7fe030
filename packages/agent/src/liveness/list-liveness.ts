import type { PathState } from "@sextant/model";
import type { ProbeCounters, TcpCounters, WithheldReason } from "../reconcile/data-plane";
import { Damping } from "./damping";
import type { ListProbing } from "./list-probing";
import { outstanding, pathState } from "./path-state";
import { ProbeLoops } from "./probe-loops";
import { TcpWord } from "./tcp-word";
import { Violation } from "./violation";

/** A list that comes back has to stay for this many intervals, and this long. */
const HOLD_UP_INTERVALS = 10;
const HOLD_UP_MIN_MS = 100;
/** Largest multiplier that the packet path has room for. */
const MULTIPLIER_MAX = 255;

/** Why a list is what it is; empty when alive, or unproven, for no special reason. */
export type PathReason = "" | "probes_missing" | "no_route" | WithheldReason;

/** Who has seen that a bound is violated. */
export type Witness = "probes" | "tcp";

/** One observation of a list. */
export interface ListInput {
  readonly counters: ProbeCounters;
  /** Undefined where it was not looked at. */
  readonly tcp: TcpCounters | undefined;
  /** No uplink has a route to its first segment: probes do not leave the host, so the counters stand still. */
  readonly unreachable: boolean;
  /** One of its links is known to be broken. */
  readonly linkDown: boolean;
  readonly probing: ListProbing;
  /** Monotonic. */
  readonly nowMs: number;
}

/** What is known of one list: bounded, however long it is observed. Depends on its inputs alone. */
export class ListLiveness {
  state: PathState = "unproven";
  reason: PathReason = "";
  /** Why the packet path is to leave it alone, dead or alive. */
  withheld: WithheldReason | undefined;
  /** Who speaks for that, where it is loss or delay. */
  witness: Witness | undefined;
  /** Changes of state. */
  transitions = 0;
  /** Unanswered probes that make it dead: those that are asked for beyond the ones that are under way at any time. */
  multiplier = 0;
  /** When the state changed last. */
  sinceMs: number;
  readonly loops = new ProbeLoops();
  readonly tcp = new TcpWord();
  readonly #damping = new Damping();
  readonly #loss = new Violation();
  readonly #delay = new Violation();
  #isHeldUp = false;
  #isNew = true;
  /** Highest number that had come back when it was looked at last. */
  #returned = 0n;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
  }

  /** Ways back that are dead while it is alive: 1 the first, 2 the alternate. */
  get deadReturns(): 0 | 1 | 2 {
    return this.loops.deadReturns(this.state === "dead");
  }

  /** Judges anew; true when state or reason are others than before. The first observation is no change. */
  observe(input: ListInput): boolean {
    const { counters, probing, unreachable, nowMs } = input;
    if (this.#isNew) this.multiplier = this.#wantedMultiplier(probing);
    this.loops.measure(counters, probing);
    this.tcp.measure(input.tcp, nowMs);
    const before = { state: this.state, reason: this.reason };
    this.#enter(unreachable ? "dead" : pathState(counters, this.multiplier), nowMs);
    this.loops.choose(this.state === "dead", probing);
    this.#settleMultiplier(counters, probing);
    this.withheld = this.#withheldReason(input);
    this.reason = this.state === "dead" ? (unreachable ? "no_route" : "probes_missing") : (this.withheld ?? "");
    const changed = before.state !== this.state || before.reason !== this.reason;
    const isNews = changed && !this.#isNew;
    this.#isNew = false;
    return isNews;
  }

  #wantedMultiplier(probing: ListProbing): number {
    return Math.min(MULTIPLIER_MAX, this.loops.multiplier(probing));
  }

  /**
   * A list that is dead is not to be alive for no better reason than that more probes may be missing: something has to come back.
   * A smaller number waits until what is under way by a longer loop has arrived.
   */
  #settleMultiplier(counters: ProbeCounters, probing: ListProbing): void {
    const wanted = this.#wantedMultiplier(probing);
    const isStillDead = this.state === "dead" && counters.returned === this.#returned;
    const wouldDie = wanted < this.multiplier && outstanding(counters) >= BigInt(wanted - 1);
    if (!isStillDead && !wouldDie) this.multiplier = wanted;
    this.#returned = counters.returned;
  }

  #enter(state: PathState, nowMs: number): void {
    if (state === "dead") this.#isHeldUp = true;
    if (state === this.state) return;
    if (!this.#isNew) {
      this.transitions++;
      if (state === "dead") this.#damping.died(nowMs);
    }
    // What was lost while it was dead is no reason to leave it alone later on.
    if (this.state === "dead") {
      this.loops.clearFates();
      this.tcp.window.clear();
    }
    this.state = state;
    this.sinceMs = nowMs;
  }

  /** Where both have seen it, probes: they go on while nothing else does. */
  #seenBy(probes: boolean, reason: WithheldReason): WithheldReason {
    this.witness = probes ? "probes" : "tcp";
    return reason;
  }

  /** The gravest one; all are judged each time, as each has a memory of its own. */
  #withheldReason({ linkDown, probing, nowMs }: ListInput): WithheldReason | undefined {
    const { intervalUs, violationMs } = probing;
    const holdUpMs = Math.max(HOLD_UP_MIN_MS, (HOLD_UP_INTERVALS * intervalUs) / 1_000);
    if (this.state !== "dead" && nowMs - this.sinceMs >= holdUpMs) this.#isHeldUp = false;
    const bound = (max: number | undefined) => (max === undefined ? undefined : { max, violationMs });
    const isDead = this.state === "dead";
    const { maxLossPpm, maxDelayUs } = probing;
    // What no bound is for is not looked at: this is asked of every list, many times a second.
    const lossPpm = isDead || maxLossPpm === undefined ? undefined : this.loops.lossPpm;
    const loopUs = isDead || maxDelayUs === undefined ? undefined : this.loops.meanUs;
    const loss = this.#loss.judge(lossPpm, bound(maxLossPpm), nowMs);
    const delay = this.#delay.judge(loopUs === undefined ? undefined : loopUs / 2, bound(maxDelayUs), nowMs);
    const tcp = this.tcp.judge(probing, loopUs, nowMs);
    const flapping = this.#damping.isFlapping(nowMs);
    this.witness = undefined;
    if (linkDown) return "link_down";
    if (flapping) return "flapping";
    if (this.#isHeldUp) return "hold_up";
    if (loss || tcp.loss) return this.#seenBy(loss, "loss");
    return delay || tcp.delay ? this.#seenBy(delay, "delay") : undefined;
  }
}
