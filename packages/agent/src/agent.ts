import { type ListKey, SextantError } from "@sextant/model";
import type { Logger } from "pino";
import type { AgentConfig } from "./config";
import { channelOptions, sessionCredentials } from "./edge/credentials";
import type { HelloFacts } from "./edge/request-to-proto";
import { Session } from "./edge/session";
import { FlowMoves } from "./liveness/flow-moves";
import type { ListLiveness } from "./liveness/list-liveness";
import type { HostNetwork } from "./net/host-network";
import type { Prober } from "./net/prober";
import type { SigningKeys } from "./net/signing-keys";
import { type DesiredAck, type DesiredDelta, isPlain } from "./pipeline/install";
import { type AgentReport, observe, observePolicies } from "./pipeline/observe";
import type { DataPlane } from "./reconcile/data-plane";
import type { EntryState } from "./reconcile/held-entry";
import type { Keeper } from "./keeper";
import type { AgentInstruments } from "./metrics/agent-instruments";
import { Probing } from "./probing";
import type { LivePaths } from "./state/live-paths";

/** Drift is found, and waiting entries are retried, this often. */
const TICK_INTERVAL_MS = 1_000;

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
  readonly instruments?: AgentInstruments;
}

/** The running agent: its clocks (tick, report, and that of the probes) and a session around one keeper of state. */
export class Agent {
  readonly #session: Session;
  readonly #probing: Probing;
  readonly #flowMoves = new FlowMoves();
  #timers = new Map<"tick" | "report", NodeJS.Timeout>();
  /** What the last hello said that this host can do. */
  #toldFeatures = "";
  #stopped = false;

  constructor(private readonly run: AgentOptionsOfRun) {
    const { config, log, random } = run;
    this.#probing = new Probing({
      ...run,
      onTransitions: (transitions) => {
        run.instruments?.changed(transitions);
        this.#report();
      },
    });
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
        linksDown: (links) => this.#probing.linksDown(links),
        sessionLost: () => this.#probing.sessionLost(),
      },
      log,
      random,
    });
  }

  /** Disk, kernel, uplinks, probes, then the controller: each works without the ones after it. */
  async start(): Promise<void> {
    await this.run.keeper.load();
    await this.tick();
    this.#probing.run();
    this.#report();
    this.#session.start();
  }

  /** Looks at host and kernel now instead of at the next tick. */
  async tick(): Promise<void> {
    const { keeper, log } = this.run;
    try {
      const repairsBefore = keeper.driftRepairs;
      keeper.refuseRates(this.#probing.refusedRates);
      const changed = await keeper.tick();
      if (keeper.driftRepairs > repairsBefore) this.#report();
      for (const state of changed) this.#logState(state);
      this.#session.statesChanged(changed);
      this.#tellFeatures();
      this.#logFlowMoves();
    } catch (thrown) {
      log.error(
        { stage: "install", err: SextantError.from(thrown) },
        "reconciliation failed, tried again at the next tick",
      );
    }
    this.#scheduleTick();
  }

  /** A controller has welcomed this agent, and the stream is there. */
  get hasSession(): boolean {
    return this.#session.state.kind === "established";
  }

  /** What liveness knows of each list. */
  get lists(): ReadonlyMap<ListKey, ListLiveness> {
    return this.#probing.lists;
  }

  /** What kernel and disk do not tell. */
  get livePaths(): LivePaths {
    const paths = [...this.#probing.lists].map(([list, { reason, witness, loops, tcp }]) => ({
      list,
      reason,
      witness: witness ?? null,
      intervalUs: this.#probing.intervalUs(list) ?? null,
      lossPpm: loops.lossPpm ?? null,
      meanRoundTripUs: rounded(loops.meanUs),
      jitterUs: loops.meanUs === undefined ? null : Math.round(loops.jitterUs),
      tcpLossPpm: tcp.window.measured.lossPpm ?? null,
      tcpRoundTripUs: rounded(tcp.window.measured.roundTripUs),
      tcpRiseUs: rounded(tcp.window.measured.riseUs),
    }));
    return { paths, refusedRates: this.#probing.refusedRates };
  }

  /** What there is to see now. */
  look(): AgentReport {
    const { keeper, plane, nowMs } = this.run;
    const { lists } = this.#probing;
    return {
      paths: observe(lists, plane.observeLists(), nowMs()).map((path) => ({
        ...path,
        probeIntervalUs: this.#probing.intervalUs(path.list) ?? 0,
      })),
      policies: observePolicies(keeper.state.installed, plane.policyCounters(), lists),
      packetsByReason: plane.reasons(),
      driftRepairs: keeper.driftRepairs,
      uplinks: this.#uplinks(),
    };
  }

  /** Ends clocks and session when the write under way is done. Everything in the kernel stays. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#probing.stop();
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
      ...["insert", "encap", "ipv4", "alternate-returns", "probing"],
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
    const { keeper, nowMs, instruments } = this.run;
    const startMs = nowMs();
    const entries = await keeper.install(delta);
    instruments?.installed((nowMs() - startMs) / 1_000);
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

  #logFlowMoves(): void {
    const { plane, keeper, log } = this.run;
    for (const move of this.#flowMoves.since(plane.flowMoves(), keeper.state.installed.keys()))
      log.info({ stage: "observe", ...move }, "TCP flows left a list that did not carry them");
  }

  #report(): void {
    const { keeper, log } = this.run;
    try {
      const report = this.look();
      this.run.instruments?.looked(report);
      this.#session.report(report);
    } catch (thrown) {
      log.error({ stage: "observe", err: SextantError.from(thrown) }, "counters cannot be read");
    }
    this.#schedule("report", keeper.state.settings.reportIntervalMs, () => this.#report());
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
  #schedule(clock: "tick" | "report", delayMs: number, work: () => void): void {
    clearTimeout(this.#timers.get(clock));
    if (!this.#stopped) this.#timers.set(clock, setTimeout(work, delayMs));
  }
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}
