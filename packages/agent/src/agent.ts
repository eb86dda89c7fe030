import { isListKey, kernelKeyOf, type ListKey, SextantError } from "@sextant/model";
import type { Logger } from "pino";
import type { AgentConfig } from "./config";
import { channelOptions, sessionCredentials } from "./edge/credentials";
import type { HelloFacts } from "./edge/request-to-proto";
import { Session } from "./edge/session";
import type { HostNetwork } from "./net/host-network";
import type { ProbedList, Prober } from "./net/prober";
import type { SigningKeys } from "./net/signing-keys";
import { type DesiredAck, type DesiredDelta, isPlain } from "./pipeline/install";
import { type AgentReport, observe, observePolicies, type PathMemory, type PathObservation } from "./pipeline/observe";
import type { DataPlane } from "./reconcile/data-plane";
import { firstIpv6 } from "./reconcile/compile-lists";
import { type Entries, type EntryState, entryOfKind } from "./reconcile/held-entry";
import type { Keeper } from "./keeper";

/** Drift is found, and waiting entries are retried, this often. */
const TICK_INTERVAL_MS = 1_000;
/** Probe rounds vary by this share of the interval either way, so that hosts do not fall into step. */
const PROBE_JITTER = 0.1;

export interface AgentOptionsOfRun {
  readonly config: AgentConfig;
  readonly version: string;
  readonly kernelRelease: string;
  readonly plane: DataPlane;
  readonly keeper: Keeper;
  readonly prober: Prober;
  readonly network: Pick<HostNetwork, "nameOf">;
  readonly keys: Pick<SigningKeys, "any" | "find">;
  readonly log: Logger;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The running agent: three clocks (tick, probe, report) and a session around one keeper of state. */
export class Agent {
  readonly #session: Session;
  #memory: ReadonlyMap<ListKey, PathMemory> = new Map();
  #paths: readonly PathObservation[] = [];
  #timers = new Map<"tick" | "probe" | "report", NodeJS.Timeout>();
  #probeErrors = "";
  /** What the last hello said that this host can do. */
  #toldFeatures = "";
  /** What the prober was last set up for. */
  #probed: { readonly installed: Entries; readonly lists: unknown } | undefined;
  #stopped = false;

  constructor(private readonly run: AgentOptionsOfRun) {
    const { config, log, random } = run;
    this.#session = new Session({
      target: config.controller,
      credentials: () => sessionCredentials(config),
      channelOptions: channelOptions(config),
      agent: {
        hello: () => this.#hello(),
        welcome: (term, settings) => {
          void run.keeper.welcome(term, settings).then(() => this.#introduce());
        },
        install: (delta) => this.#install(delta),
      },
      log,
      random,
    });
  }

  /** Disk, kernel, uplinks, probes, then the controller: each works without the ones after it. */
  async start(): Promise<void> {
    await this.run.keeper.load();
    await this.tick();
    this.#probe();
    this.#report();
    this.#session.start();
  }

  /** Looks at host and kernel now instead of at the next tick. */
  async tick(): Promise<void> {
    const { keeper, log } = this.run;
    try {
      const repairsBefore = keeper.driftRepairs;
      const changed = await keeper.tick();
      if (keeper.driftRepairs > repairsBefore) this.#report();
      for (const state of changed) this.#logState(state);
      this.#session.statesChanged(changed);
      this.#tellFeatures();
    } catch (thrown) {
      log.error(
        { stage: "install", err: SextantError.from(thrown) },
        "reconciliation failed, tried again at the next tick",
      );
    }
    this.#scheduleTick();
  }

  /** Ends clocks and session when the write under way is done. Everything in the kernel stays. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#session.stop();
    await this.run.keeper.idle();
  }

  #hello(): HelloFacts {
    const { config, version, kernelRelease, plane, keeper } = this.run;
    const held = [...keeper.trusted].map(([key, { revision }]) => ({
      key,
      revision,
      status: keeper.states.get(key)?.status ?? "waiting",
    }));
    const { maxSegments } = plane.limits;
    const { host } = config;
    const { term } = keeper.state;
    const features = this.#features();
    this.#toldFeatures = features.join(" ");
    return { host, agentVersion: version, kernelRelease, maxSegments, term, features, held };
  }

  #features(): string[] {
    const { plane, keys } = this.run;
    return [
      ...["insert", "encap", "ipv4"],
      ...(plane.features.executables ? ["executables"] : []),
      ...(keys.any ? ["signing"] : []),
    ];
  }

  /** A hello is the only place for it. */
  #tellFeatures(): void {
    if (this.#toldFeatures === "" || this.#toldFeatures === this.#features().join(" ")) return;
    this.#session.redial("this host can do other things than it said");
  }

  /** The hello told the status of each entry; this tells the reasons, and how the paths are. */
  #introduce(): void {
    this.#session.statesChanged([...this.run.keeper.states.values()].filter((state) => !isPlain(state)));
    this.#report();
  }

  async #install(delta: DesiredDelta): Promise<DesiredAck> {
    const entries = await this.run.keeper.install(delta);
    const { version, upserts, removals, full } = delta;
    const fields = {
      stage: "install",
      version: String(version),
      upserts: upserts.length,
      removals: removals.length,
      full,
    };
    this.run.log.info(fields, "delta installed");
    for (const state of entries) this.#logState(state);
    this.#scheduleTick();
    return { version, entries };
  }

  #logState({ key, status, reason, message }: EntryState): void {
    const fields = { stage: "install", key, status, ...(reason === "" ? {} : { reason }) };
    if (reason === "") this.run.log.info(fields, "entry installed");
    else this.run.log.warn(fields, message);
  }

  /** One round: judge what the kernel has counted, then send. */
  #probe(): void {
    const { keeper, plane, prober, random, nowMs, log } = this.run;
    const { installed, settings } = keeper.state;
    try {
      const { memory, paths, transitions } = observe({
        memory: this.#memory,
        observations: plane.observeLists(),
        lists: installed.keys(),
        unreachable: keeper.unreachable,
        probeMultiplier: settings.probeMultiplier,
        nowMs: nowMs(),
      });
      this.#memory = memory;
      this.#paths = paths;
      for (const transition of transitions) log.info({ stage: "observe", ...transition }, "path changed its state");
      if (transitions.length > 0) this.#report();
      this.#aim();
      this.#noteProbeErrors(prober.round());
    } catch (thrown) {
      log.error({ stage: "observe", err: SextantError.from(thrown) }, "probe round failed");
    }
    const delayMs = settings.probeIntervalMs * (1 - PROBE_JITTER + 2 * PROBE_JITTER * random());
    this.#schedule("probe", delayMs, () => this.#probe());
  }

  /** Sets up the probes anew when the lists in the kernel, or the desired state they came from, are others. */
  #aim(): void {
    const { keeper, prober } = this.run;
    const { installed } = keeper.state;
    if (this.#probed?.installed === installed && this.#probed.lists === keeper.lists) return;
    prober.probe(this.#probedLists(installed), firstIpv6(installed));
    this.#probed = { installed, lists: keeper.lists };
  }

  /** A signed list without its key is not probed: unsigned probes would be dropped, and it may still work. */
  #probedLists(installed: Entries): ProbedList[] {
    const { plane, keys } = this.run;
    return [...installed.keys()].filter(isListKey).flatMap((key): ProbedList[] => {
      const list = entryOfKind(installed, key, "list");
      const identity = plane.probeIdentity(kernelKeyOf(key));
      if (list === undefined || identity === undefined) return [];
      if (list.signingKeyId === undefined) return [{ list, identity, signingKey: undefined }];
      const signingKey = keys.find(list.signingKeyId);
      return signingKey.kind === "found" ? [{ list, identity, signingKey: signingKey.value }] : [];
    });
  }

  /** Says when sending starts or stops to fail, not at every round. */
  #noteProbeErrors(errors: ReadonlySet<string>): void {
    const names = [...errors].sort().join(" ");
    if (names === this.#probeErrors) return;
    this.#probeErrors = names;
    if (names === "") this.run.log.info({ stage: "observe" }, "probes are sent again");
    else this.run.log.warn({ stage: "observe", errors: names }, "some probes cannot be sent");
  }

  #report(): void {
    const { keeper, log } = this.run;
    try {
      this.#session.report(this.#buildReport());
    } catch (thrown) {
      log.error({ stage: "observe", err: SextantError.from(thrown) }, "counters cannot be read");
    }
    this.#schedule("report", keeper.state.settings.reportIntervalMs, () => this.#report());
  }

  #buildReport(): AgentReport {
    const { keeper, plane } = this.run;
    return {
      paths: this.#paths,
      policies: observePolicies(keeper.state.installed, plane.policyCounters(), this.#memory),
      packetsByReason: plane.reasons(),
      driftRepairs: keeper.driftRepairs,
      uplinks: this.#uplinks(),
    };
  }

  #uplinks(): AgentReport["uplinks"] {
    const { plane, network } = this.run;
    return [...plane.uplinkCounters()].map(([ifindex, traffic]) => ({
      interface: network.nameOf(ifindex),
      ...traffic,
    }));
  }

  /** At the next removal that is due, within TICK_INTERVAL_MS in any case. */
  #scheduleTick(): void {
    const { keeper, nowMs } = this.run;
    const untilDueMs = Math.max(1, Math.ceil((keeper.removalDueMs ?? Infinity) - nowMs()));
    this.#schedule("tick", Math.min(untilDueMs, TICK_INTERVAL_MS), () => void this.tick());
  }

  /** Sets one of the clocks, replacing its last setting. */
  #schedule(clock: "tick" | "probe" | "report", delayMs: number, work: () => void): void {
    clearTimeout(this.#timers.get(clock));
    if (!this.#stopped) this.#timers.set(clock, setTimeout(work, delayMs));
  }
}
