import { type HostSettings, isListKey, kernelKeyOf, type ListKey, SextantError } from "@sextant/model";
import type { Logger } from "pino";
import { DownLinks } from "./liveness/down-links";
import { type Judged, Liveness, type PathTransition } from "./liveness/liveness";
import type { ListLiveness } from "./liveness/list-liveness";
import { type ListProbing, probingOfHost, probingOfLists } from "./liveness/list-probing";
import { ProbeRate } from "./liveness/probe-rate";
import type { RefusedRate } from "./liveness/refused-rates";
import type { ProbedList, Prober } from "./net/prober";
import type { SigningKeys } from "./net/signing-keys";
import { firstIpv6 } from "./reconcile/compile-lists";
import type { DataPlane } from "./reconcile/data-plane";
import { type Entries, entryOfKind } from "./reconcile/held-entry";
import type { Keeper } from "./keeper";

/** Lists are judged with the round that is sent, but not more often than this, and not less often than that. */
const JUDGE_MIN_MS = 5;
const JUDGE_MAX_MS = 100;
/** What TCP saw of lists is looked at this often. */
const TCP_LOOK_MS = 250;
/** What the kernel is asked of lists is looked at this often, in case someone else has changed it. */
const LOOK_MS = 1_000;
/** Timers have a resolution of a millisecond: what is due within half of one is due. */
const TIMER_SLACK_MS = 0.5;

export interface ProbingOptions {
  readonly plane: DataPlane;
  readonly keeper: Pick<Keeper, "state" | "lists" | "unreachable">;
  readonly prober: Pick<Prober, "probe" | "use" | "intervalsUs" | "round">;
  readonly keys: Pick<SigningKeys, "find">;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Lists have changed in state or reason; none of them: ways back have. */
  readonly onTransitions: (transitions: readonly PathTransition[]) => void;
}

/** The lists that the host holds and how each is probed, with what both were made from. */
interface Told {
  readonly installed: Entries;
  readonly settings: HostSettings;
  readonly lists: readonly ListKey[];
  /** Of those that are probed otherwise than the settings say. */
  readonly probing: ReadonlyMap<ListKey, ListProbing>;
}

/** The probing clock: one timer and one batched send per round for all lists that are due, then a look at what came back. */
export class Probing {
  readonly #liveness = new Liveness();
  readonly #downLinks = new DownLinks();
  #rates = new Map<number, ProbeRate>();
  /** The interval at which each list that is probed is asked to be, microseconds. */
  #intervalsUs: ReadonlyMap<ListKey, number> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #errors = "";
  #judgedMs = -Infinity;
  #lookedMs = -Infinity;
  #tcpLookedMs = -Infinity;
  /** What the prober was last set up for. */
  #aimed: { readonly installed: Entries; readonly lists: unknown; readonly intervalMs: number } | undefined;
  /** How lists are probed, and what that was made from. */
  #told: Told | undefined;
  #stopped = false;

  constructor(private readonly options: ProbingOptions) {}

  /** What is known of each list. */
  get lists(): ReadonlyMap<ListKey, ListLiveness> {
    return this.#liveness.lists;
  }

  /** Intervals that this host cannot keep now. */
  get refusedRates(): readonly RefusedRate[] {
    return [...this.#rates].flatMap(([askedUs, { isRefused, intervalMs }]) => {
      const lists = [...this.#intervalsUs.values()].filter((intervalUs) => intervalUs === askedUs).length;
      return isRefused ? [{ askedUs, keptUs: Math.round(intervalMs * 1_000), lists }] : [];
    });
  }

  /** At which interval a list is really probed, microseconds; undefined for one that is not probed. */
  intervalUs(list: ListKey): number | undefined {
    const rate = this.#rates.get(this.#intervalsUs.get(list) ?? NaN);
    return rate === undefined ? undefined : Math.round(rate.intervalMs * 1_000);
  }

  /** Judges, sends what is due, and sets the timer for the next round. */
  run(): void {
    const { log, nowMs } = this.options;
    try {
      if (nowMs() - this.#judgedMs >= JUDGE_MIN_MS - TIMER_SLACK_MS) this.#judge();
      this.#aim();
      this.#send();
    } catch (thrown) {
      log.error({ stage: "observe", err: SextantError.from(thrown) }, "probe round failed");
    }
    this.#schedule();
  }

  /** The controller has found these directions of links broken, and no others: lists over them are left at once. */
  linksDown(links: readonly bigint[]): void {
    this.#downLinks.tell(links);
    try {
      this.#judge();
    } catch (thrown) {
      this.options.log.error({ stage: "observe", err: SextantError.from(thrown) }, "link state cannot be applied yet");
    }
  }

  /** There is no controller to say otherwise any more. */
  sessionLost(): void {
    this.#downLinks.sessionLost(this.options.nowMs());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #judge(): void {
    const { plane, keeper, prober, nowMs, log, onTransitions } = this.options;
    const now = nowMs();
    const isLook = now - this.#lookedMs >= LOOK_MS;
    this.#judgedMs = now;
    if (isLook) this.#lookedMs = now;
    const isTcpLook = plane.features.tcpMoves && now - this.#tcpLookedMs >= TCP_LOOK_MS;
    if (isTcpLook) this.#tcpLookedMs = now;
    const told = this.#toldNow();
    const judged = this.#liveness.observe({
      observations: plane.observeProbes(),
      tcp: isTcpLook ? plane.observeTcp() : undefined,
      lists: told.lists,
      unreachable: keeper.unreachable,
      probing: told.probing,
      settings: told.settings,
      downLinks: this.#downLinks.at(now),
      actual: isLook ? plane.listDemands() : undefined,
      nowMs: now,
    });
    this.#demand(judged);
    prober.use(judged.uses);
    for (const transition of judged.transitions)
      log.info({ stage: "observe", ...transition }, "path changed its state");
    if (judged.transitions.length > 0 || judged.returnsChanged) onTransitions(judged.transitions);
  }

  /** Made anew when the entries or the settings are others. */
  #toldNow(): Told {
    const { installed, settings } = this.options.keeper.state;
    if (this.#told?.installed !== installed || this.#told.settings !== settings) {
      const lists = [...installed.keys()].filter(isListKey);
      this.#told = { installed, settings, lists, probing: probingOfLists(installed, settings) };
    }
    return this.#told;
  }

  #demand({ demands }: Judged): void {
    for (const [key, demand] of demands) this.options.plane.demandOfList(key, demand);
  }

  #send(): void {
    const { prober, nowMs } = this.options;
    const due = [...this.#rates].filter(([, rate]) => rate.dueMs <= nowMs() + TIMER_SLACK_MS);
    if (due.length === 0) return;
    this.#noteErrors(prober.round(due.map(([intervalUs]) => intervalUs)));
    const sentMs = nowMs();
    for (const [intervalUs, rate] of due) if (rate.sent(sentMs)) this.#noteRate(intervalUs, rate);
  }

  /** Sets up the probes anew when the lists in the kernel, the desired state they came from, or the interval are others. */
  #aim(): void {
    const { keeper, prober, nowMs, random } = this.options;
    const { installed, settings } = keeper.state;
    const { lists } = keeper;
    const intervalMs = settings.probeIntervalMs;
    const aimed = this.#aimed;
    if (aimed?.installed === installed && aimed.lists === lists && aimed.intervalMs === intervalMs) return;
    const probed = this.#probedLists(installed);
    prober.probe(probed, firstIpv6(installed));
    this.#intervalsUs = new Map(probed.map(({ list, intervalUs }) => [list.key, intervalUs]));
    const rateOf = (intervalUs: number) =>
      this.#rates.get(intervalUs) ?? new ProbeRate(intervalUs / 1_000, nowMs(), random);
    this.#rates = new Map([...prober.intervalsUs].map((intervalUs) => [intervalUs, rateOf(intervalUs)]));
    this.#aimed = { installed, lists, intervalMs };
  }

  /** A signed list without its key is not probed: unsigned probes would be dropped, and it may still work. */
  #probedLists(installed: Entries): ProbedList[] {
    const { plane, keys, keeper } = this.options;
    const { intervalUs: hostIntervalUs } = probingOfHost(keeper.state.settings);
    const { lists, probing } = this.#toldNow();
    return lists.flatMap((key): ProbedList[] => {
      const list = entryOfKind(installed, key, "list");
      const identity = plane.probeIdentity(kernelKeyOf(key));
      if (list === undefined || identity === undefined) return [];
      const probed = { list, identity, intervalUs: probing.get(key)?.intervalUs ?? hostIntervalUs };
      if (list.signingKeyId === undefined) return [{ ...probed, signingKey: undefined }];
      const signingKey = keys.find(list.signingKeyId);
      return signingKey.kind === "found" ? [{ ...probed, signingKey: signingKey.value }] : [];
    });
  }

  /** Says when sending starts or stops to fail, not at every round. */
  #noteErrors(errors: ReadonlySet<string>): void {
    const names = [...errors].sort().join(" ");
    if (names === this.#errors) return;
    this.#errors = names;
    if (names === "") this.options.log.info({ stage: "observe" }, "probes are sent again");
    else this.options.log.warn({ stage: "observe", errors: names }, "some probes cannot be sent");
  }

  #noteRate(askedUs: number, rate: ProbeRate): void {
    const fields = { stage: "observe", askedMs: askedUs / 1_000, intervalMs: Math.round(rate.intervalMs * 1e3) / 1e3 };
    if (rate.isRefused) this.options.log.warn(fields, "this host cannot keep the probe interval, a longer one is used");
    else this.options.log.info(fields, "the probe interval asked for is tried again");
  }

  #schedule(): void {
    if (this.#stopped) return;
    const nextMs = Math.min(this.#judgedMs + JUDGE_MAX_MS, ...[...this.#rates.values()].map(({ dueMs }) => dueMs));
    this.#timer = setTimeout(() => this.run(), Math.max(1, Math.floor(nextMs - this.options.nowMs())));
  }
}
