import { type DocumentKind, type HostSettings, SextantError } from "@sextant/model";
import type { SourceFile } from "../pipeline/accept";
import { EventLog } from "../events/event-log";
import type { LinkHealth } from "../liveness/link-health";
import type { LinkHealthView } from "../liveness/link-health-view";
import type { ProbePlanner } from "../liveness/probe-planner";
import type { Catalog } from "../pipeline/catalog";
import { type LackingFeatures, lackingOf, NOTHING_LACKING, withLacking } from "../pipeline/features";
import type { Store } from "../store/store";
import type { DirectedLink } from "../topology/directed-link";
import { withMeasured } from "../bandwidth/with-measured";
import { DemandMeter } from "./demand-meter";
import { type ApplyResult, Documents } from "./documents";
import { type HelloMessage, Host, type SessionPort } from "./host";
import { History } from "./history";
import { linkHealthOf, probePlannerOf } from "./link-health-of";
import type { Instruments } from "./instruments";
import type { Log } from "./log";
import { Plans } from "./plans";
import { Pushes } from "./pushes";
import { planIntent } from "../pipeline/plan";
import { PathPool } from "../workers/path-pool";
import type { AckMessage } from "./session-state";
import { TURN_BUDGET_MS } from "./turn-budget";
import type { Session } from "./session";
import { refusalOf } from "./welcome";

/** What plans were made of, and how many still are of what was before a link changed. */
interface PlannedFor {
  readonly catalog: Catalog;
  readonly lacking: LackingFeatures;
  readonly unusable: readonly DirectedLink[];
  readonly left: number;
}

/** What a controller is made of; time comes in here. */
export interface ControllerParts {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly term: bigint;
  readonly settings: HostSettings;
  readonly maxSessions: number;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly instruments?: Instruments;
}

/**
 * Owns documents, plans, sessions and health. Events only change that state and mark it dirty; one pass afterwards computes
 * what changed and gives each idle session the difference, so any order or squashing of the same events ends alike.
 */
export class Controller {
  readonly #pool: PathPool;
  readonly #plans: Plans;
  readonly #parts: ControllerParts;
  readonly #hosts = new Map<string, Host>();
  readonly #documents: Documents;
  /** What happened lately. */
  readonly events: EventLog;
  readonly #history: History;
  readonly #linkHealth: LinkHealth;
  readonly #probePlanner: ProbePlanner;
  readonly #demandMeter = new DemandMeter(() => this.plans);
  readonly #listeners = new Set<() => void>();
  /** As agents said when they last came; a host keeps its entry while it is away. */
  #lacking: LackingFeatures = NOTHING_LACKING;
  /** What plans were last made of. */
  #planned: PlannedFor | undefined;
  /** Directions of links that are not to be used, once the hosts that use them have been told. */
  #unusable: readonly DirectedLink[] = [];
  /** A host has left, or the topology is another: some may be known for nothing. */
  #mayBeGone = false;
  /** Hosts whose sessions have begun since desired state was last pushed. */
  readonly #greeted = new Set<string>();
  #settleScheduled = false;
  readonly #pushes: Pushes;
  #sessions = 0;
  #closed = false;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    const { nowMs, settings, log } = parts;
    this.#pool = new PathPool({
      onLost: (err) => log.warn({ stage: "compute", err }, "a thread was lost: what it had is planned without it"),
    });
    this.#plans = new Plans(planIntent, this.#pool);
    this.events = new EventLog(nowMs);
    this.#history = new History({
      sink: this.events,
      plans: () => this.#plans,
      hosts: this.#hosts,
      reportIntervalMs: settings.reportIntervalMs,
      nowMs,
    });
    this.#pushes = new Pushes({
      plans: () => this.plans,
      hosts: this.#hosts,
      nowMs,
      log,
      instruments: parts.instruments,
      onDue: () => this.#markDirty(),
    });
    this.#documents = new Documents({
      ...parts,
      history: this.#history,
      prepare: (catalog) => this.#planAhead(catalog),
      onChange: () => this.#markDirty(),
    });
    const judged = { plans: this.#plans, hosts: this.#hosts, settings, sink: this.events, nowMs };
    this.#linkHealth = linkHealthOf({
      ...judged,
      onChange: () => {
        this.#unusable = this.#linkHealth.broken;
        this.#markDirty();
      },
    });
    this.#probePlanner = probePlannerOf({ ...judged, onChange: () => this.#markDirty() });
    this.#plans.onDesiredChanged = (host) => this.#desiredChanged(host);
    this.#plans.onListsChanged = (host) => {
      this.#linkHealth.listsChanged(host);
      this.#probePlanner.listsChanged();
    };
    this.#history.started(parts.term, parts.catalog.intents.size);
  }

  /** Plans the documents that there are from the start, in turns and with threads: without that, whoever asks first waits for all of it. */
  async begin(): Promise<void> {
    await this.#planAhead(this.catalog);
    this.#refresh();
  }

  get term(): bigint {
    return this.#parts.term;
  }

  get settings(): HostSettings {
    return this.#parts.settings;
  }

  get nowMs(): number {
    return this.#parts.nowMs();
  }

  /** The documents in force. */
  get catalog(): Catalog {
    return this.#documents.catalog;
  }

  /** What follows from the documents in force. */
  get plans(): Plans {
    this.#refresh();
    return this.#plans;
  }

  /** Hosts whose agents have been heard of. */
  get hosts(): ReadonlyMap<string, Host> {
    return this.#hosts;
  }

  /** What is to be said of links that are not up, by name. */
  get links(): ReadonlyMap<string, LinkHealthView> {
    return this.#linkHealth.views;
  }

  /** Agents with an open session. */
  get sessions(): number {
    return this.#sessions;
  }

  /** As `Documents.apply`. */
  apply(files: readonly SourceFile[], dryRun: boolean): Promise<ApplyResult> {
    return this.#documents.apply(files, dryRun);
  }

  /** As `Documents.delete`. */
  delete(kind: DocumentKind, names: readonly string[]): Promise<{ deleted: string[]; notFound: string[] }> {
    return this.#documents.delete(kind, names);
  }

  /**
   * Starts the session of an agent; its first delta follows after the caller has returned to the event loop. A session that
   * the host already has is closed. Throws SextantError `not_found` for a host that the topology does not have, `conflict`
   * for an agent that has seen a newer controller, `resource_exhausted` when there are too many sessions.
   */
  connect(hello: HelloMessage, port: SessionPort): Session {
    this.#requireWelcome(hello);
    const host = this.#hosts.get(hello.host) ?? new Host(hello.host);
    this.#hosts.set(hello.host, host);
    const replaced = host.connect(hello, port, this.nowMs);
    this.#lacking = withLacking(this.#lacking, hello.host, lackingOf(hello.features));
    this.#sessions += 1;
    this.#greeted.add(hello.host);
    this.#pushes.connected(host, hello);
    this.#history.connected(hello, replaced !== undefined);
    replaced?.close(
      new SextantError("conflict", `another agent of host ${hello.host} has taken over: run one per host`),
    );
    this.#parts.log.info(
      { stage: "push", host: hello.host, peer: port.peer, held: hello.held.size },
      "session started",
    );
    this.#markDirty();
    return this.#sessionOf(host, port);
  }

  /** An agent was turned away at the door, or later for what it did: then its host is known. */
  noteRefusal(host: string | undefined, message: string): void {
    this.#history.refused(host, message);
  }

  /** Calls back after every change that a reader could see; many changes may share a call. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets readers see what changed by the passing of time alone. */
  tick(): void {
    this.#history.tick();
    this.#followDemands();
    for (const host of this.#hosts.keys()) this.#linkHealth.reported(host);
    this.#notify();
  }

  /** Reserves what was measured, and keeps it: after a restart the same is reserved. Where that fails, it is tried with the next measurement. */
  #followDemands(): void {
    const changes = this.#demandMeter.revise(this.nowMs);
    if (changes.length === 0) return;
    const isPolicy = (intent: string, policy: string) =>
      this.#plans.bandwidth.measuredMbps(intent, policy) !== undefined;
    const kept = this.#documents
      .amend((catalog) => withMeasured(catalog, changes, isPolicy))
      .then((intents) => {
        if (intents === 0) return;
        this.#parts.log.info({ stage: "recompute", policies: changes.length, intents }, "demands measured");
      });
    kept.catch((error: unknown) => {
      this.#parts.log.warn({ stage: "recompute", err: error }, "measured demands could not be kept");
    });
  }

  /** Closes all sessions. Hosts keep what they have. */
  close(): void {
    this.#closed = true;
    void this.#pool.close();
    this.#history.stop();
    this.#linkHealth.stop();
    this.#probePlanner.stop();
    for (const { connection } of this.#hosts.values()) {
      if (connection.kind === "connected") {
        connection.port.close(new SextantError("unavailable", "the controller shuts down: hosts keep forwarding"));
      }
    }
  }

  #requireWelcome(hello: HelloMessage): void {
    const { maxSessions } = this.#parts;
    const { snapshot } = this.plans;
    const replaces = this.#hosts.get(hello.host)?.connection.kind === "connected";
    const isFull = this.#sessions >= maxSessions && !replaces;
    const refusal = refusalOf(hello, { isClosed: this.#closed, snapshot, term: this.term, isFull, maxSessions });
    if (refusal?.code === "conflict") this.#keepRefusal(hello.host, refusal.message);
    if (refusal !== undefined) throw refusal;
  }

  /** Kept with the host, so that readers see why it does not come. */
  #keepRefusal(name: string, message: string): void {
    const host = this.#hosts.get(name) ?? new Host(name);
    this.#hosts.set(name, host);
    host.refuse(message, this.nowMs);
    this.#history.refused(name, message);
    this.#markDirty();
  }

  #sessionOf(host: Host, port: SessionPort): Session {
    let open = true;
    return {
      host: host.name,
      acknowledge: (ack) => {
        const fault = host.acknowledge(port, ack);
        if (fault !== undefined) throw new SextantError("invalid_argument", fault);
        this.#pushes.acknowledged(host);
        this.#logRefusals(host.name, ack);
        this.#history.acknowledged(host, ack);
        this.#parts.instruments?.acknowledged(host);
        this.#markDirty();
      },
      report: (report) => {
        const before = host.health;
        host.report(port, report, this.plans.desiredOf(host.name), this.nowMs);
        if (host.health !== undefined) {
          this.#history.reported(host.name, before, host.health);
          this.#linkHealth.reported(host.name);
          this.#demandMeter.reported(host);
          this.#parts.instruments?.reported(host.name, before, host.health);
        }
        this.#markDirty();
      },
      disconnect: () => {
        if (!open) return;
        open = false;
        this.#mayBeGone = true;
        this.#sessions -= 1;
        const isLast = host.disconnect(port, this.nowMs);
        if (isLast) {
          this.#history.disconnected(host.name);
          this.#linkHealth.disconnected(host.name);
          this.#parts.instruments?.disconnected(host.name);
        }
        this.#parts.log.info({ stage: "push", host: host.name, peer: port.peer }, "session ended");
        this.#markDirty();
      },
    };
  }

  #logRefusals(host: string, ack: AckMessage): void {
    for (const { key, status, reason, message } of ack.entries) {
      if (status === "installed" && reason === "") continue;
      this.#parts.log.warn({ stage: "install", host, key, status, reason }, message);
    }
  }

  /** Most of the work that documents make, in turns: what is in force is served meanwhile. */
  async #planAhead(catalog: Catalog): Promise<void> {
    const inputs = () => ({ catalog, lacking: this.#lacking, unusable: this.#unusable, budgetMs: TURN_BUDGET_MS });
    while (!this.#closed && this.#plans.prepare(inputs())) await this.#plans.turn();
  }

  #markDirty(): void {
    if (this.#settleScheduled) return;
    this.#settleScheduled = true;
    setImmediate(() => {
      this.#settleScheduled = false;
      this.#settle();
    });
  }

  #settle(): void {
    if (this.#closed) return;
    const { left } = this.#refresh(TURN_BUDGET_MS);
    this.#forgetGoneHosts();
    this.#pushes.run(TURN_BUDGET_MS);
    // Its first delta goes before anything else.
    for (const host of this.#greeted) {
      if (this.#pushes.isDue(host)) continue;
      this.#greeted.delete(host);
      this.#linkHealth.connected(host);
    }
    if (left > 0) void this.#plans.turnLeft().then(() => this.#markDirty());
    this.#notify();
  }

  #desiredChanged(host: string | undefined): void {
    if (host === undefined) this.#mayBeGone = true;
    this.#pushes.desiredChanged(host);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /**
   * Documents are followed at once. What hosts cannot do and which links are broken is followed by passes with a budget: many of both come in a
   * row, and until then plans are as good as they were. Says how many are left.
   */
  #refresh(budgetMs = 0): { readonly left: number } {
    const now = { catalog: this.catalog, lacking: this.#lacking, unusable: this.#unusable };
    const before = this.#planned;
    const isSettled = before?.lacking === now.lacking && before.unusable === now.unusable && before.left === 0;
    if (before?.catalog === now.catalog && (isSettled || budgetMs === 0)) return { left: before.left };
    const startMs = performance.now();
    const { computed, forgotten, touched, failed, left } = this.#plans.refresh({ ...now, budgetMs });
    this.#planned = { ...now, left };
    for (const { intent, error } of failed) {
      this.#parts.log.error({ stage: "compute", intent, err: error }, "intent cannot be computed");
    }
    this.#history.recomputed(touched);
    if (computed + forgotten === 0) return { left };
    const tookMs = performance.now() - startMs;
    this.#parts.instruments?.computed(tookMs / 1_000);
    const fields = { stage: "recompute", computed, forgotten, tookMs: Math.round(tookMs) };
    this.#parts.log.info(fields, "intents computed");
    return { left };
  }

  /** Keeps the map of hosts within the size of the topology. */
  #forgetGoneHosts(): void {
    if (!this.#mayBeGone) return;
    this.#mayBeGone = false;
    for (const { name, connection } of this.#hosts.values()) {
      if (connection.kind === "connected" || this.plans.snapshot?.nodes.has(name) === true) continue;
      this.#hosts.delete(name);
      this.#pushes.forget(name);
      this.#history.forget(name);
      this.#parts.instruments?.forgotten(name);
      this.#lacking = withLacking(this.#lacking, name, new Set());
    }
  }
}
