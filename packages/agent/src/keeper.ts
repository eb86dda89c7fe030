import { DOMAIN_KEY, type EntryKey, type HostSettings, type ListKey, SextantError } from "@sextant/model";
import { changedStates, type DesiredDelta, install, statesToReport } from "./pipeline/install";
import { decodeHostState, encodeHostState, type HostState, sameEntries } from "./state/host-state";
import type { StoredText } from "./state/state-file";
import { type RefusedRate, withRefusedRates } from "./liveness/refused-rates";
import type { Host } from "./net/host";
import type { RememberedName } from "./net/dns-resolver";
import type { DataPlane, KernelKey, KernelList } from "./reconcile/data-plane";
import { type Entries, type EntryState, entryOfKind } from "./reconcile/held-entry";
import { Reconciler } from "./reconcile/reconciler";

/** Other addresses of DNS names are written to disk no more often than this. */
const NAMES_INTERVAL_MS = 30_000;

/** What the keeper needs of the host. */
export interface KeeperOptions {
  readonly host: string;
  readonly defaults: HostSettings;
  readonly plane: DataPlane;
  readonly machine: Pick<Host, "refresh" | "environment" | "rememberedNames" | "restoreNames">;
  readonly file: { read(): Promise<StoredText>; write(text: string): Promise<void> };
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly newNonce: () => bigint;
}

/**
 * Keeps desired state: on disk first, then in the kernel, so that after any end of the process the disk is never behind
 * what packets do. Until it knows a whole desired state (from disk or by a full delta) it does not touch the kernel. Calls
 * run one after another; a tick that finds another one waiting joins it.
 */
export class Keeper {
  readonly #reconciler: Reconciler;
  #state: HostState;
  #states: ReadonlyMap<EntryKey, EntryState> = new Map();
  #lists: ReadonlyMap<KernelKey, KernelList> = new Map();
  #unreachable: ReadonlySet<ListKey> = new Set();
  #refusedRates: readonly RefusedRate[] = [];
  #synced = false;
  #driftRepairs = 0;
  #persistedMs = -Infinity;
  #removalDueMs: number | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waitingTick: Promise<readonly EntryState[]> | undefined;

  constructor(private readonly options: KeeperOptions) {
    const { host, defaults, plane } = options;
    this.#reconciler = new Reconciler(plane);
    const term = plane.config()?.term ?? 0n;
    this.#state = { host, settings: defaults, term, wanted: new Map(), installed: new Map(), names: [] };
  }

  get state(): HostState {
    return this.#state;
  }

  /**
   * What a controller may build upon: nothing before the first full sync. Saying more would be answered with a difference,
   * and the kernel would be left alone for ever.
   */
  get trusted(): Entries {
    return this.#synced ? this.#state.wanted : new Map();
  }

  /** One state per wanted entry, as of the last reconciliation. */
  get states(): ReadonlyMap<EntryKey, EntryState> {
    return this.#states;
  }

  /** The lists in the kernel. */
  get lists(): ReadonlyMap<KernelKey, KernelList> {
    return this.#lists;
  }

  /** Those of them that no packet can take now: no uplink has a route to their first segment. */
  get unreachable(): ReadonlySet<ListKey> {
    return this.#unreachable;
  }

  /** Entries put back since the start. */
  get driftRepairs(): number {
    return this.#driftRepairs;
  }

  /** When something unused is to be removed, on the keeper's clock: tick again then. Undefined when nothing waits. */
  get removalDueMs(): number | undefined {
    return this.#removalDueMs;
  }

  /** Takes over what the disk remembers. A corrupt file is warned about and left for the next full delta to replace. */
  async load(): Promise<void> {
    const { file, host, log } = this.options;
    const stored = await file.read();
    const loaded = stored.kind === "intact" ? decodeHostState(stored.text) : undefined;
    if (loaded?.host === host) {
      this.#state = { ...loaded, term: this.#state.term > loaded.term ? this.#state.term : loaded.term };
      this.#synced = true;
      this.options.machine.restoreNames(loaded.names);
      log.info({ stage: "install", entries: loaded.wanted.size }, "desired state taken over from disk");
      return;
    }
    if (stored.kind === "absent") return;
    const reason = stored.kind === "corrupt" ? stored.reason : `it belongs to host ${loaded?.host ?? ""}`;
    log.warn(
      { stage: "install", reason },
      "state on disk not used: the kernel stays as it is until a controller answers",
    );
  }

  /** A controller of this term answered: remembered before anything that it sends. */
  welcome(term: bigint, settings: HostSettings): Promise<void> {
    return this.#enqueue(async () => {
      this.#state = { ...this.#state, term, settings };
      if (this.#synced) await this.#persist();
    });
  }

  /** Probe intervals that this host cannot keep: part of the states from the next reconciliation on. */
  refuseRates(refused: readonly RefusedRate[]): void {
    this.#refusedRates = refused;
  }

  /** Installs a delta; gives the states that its acknowledgement has to name. */
  install(delta: DesiredDelta): Promise<readonly EntryState[]> {
    return this.#enqueue(async () => {
      const before = this.#states;
      const { wanted, rejected } = install(this.#state.wanted, delta, this.#maxEntries());
      this.#state = { ...this.#state, wanted };
      this.#synced ||= delta.full;
      if (this.#synced) await this.#persist();
      await this.#reconcile();
      return [...statesToReport(before, this.#states), ...rejected];
    });
  }

  /** Looks at host and kernel and puts right what differs; gives the states that changed. */
  tick(): Promise<readonly EntryState[]> {
    this.#waitingTick ??= this.#enqueue(async () => {
      this.#waitingTick = undefined;
      const before = this.#states;
      await this.#reconcile();
      return changedStates(before, this.#states);
    });
    return this.#waitingTick;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined); // The caller of `work` gets the failure; the next one starts afresh.
    return result;
  }

  #maxEntries(): number {
    const { maxLists, maxPolicies } = this.options.plane.limits;
    return maxLists + maxPolicies + 1;
  }

  async #reconcile(): Promise<void> {
    const { machine, plane, nowMs, newNonce } = this.options;
    const { wanted, installed, settings, term } = this.#state;
    const nodeSid = entryOfKind(wanted, DOMAIN_KEY, "domain")?.nodeSid ?? plane.config()?.nodeSid;
    await machine.refresh(nodeSid, [wanted, installed], nowMs());
    if (!this.#synced) {
      this.#states = notSynced(wanted);
      return;
    }
    const result = this.#reconciler.reconcile({
      held: { wanted, installed },
      probeMultiplier: settings.probeMultiplier,
      term,
      environment: machine.environment(),
      newNonce,
      nowMs: nowMs(),
    });
    this.#states = withRefusedRates(result.states, this.#refusedRates);
    this.#lists = result.lists;
    this.#unreachable = result.unreachable;
    this.#removalDueMs = result.removalDueMs;
    this.#countRepairs(result.repairs);
    if (!sameEntries(installed, result.effective)) {
      this.#state = { ...this.#state, installed: result.effective };
      await this.#persist();
    } else if (this.#namesAreDue()) await this.#persist();
  }

  /** Addresses change as often as name servers like: they alone are a reason to write only now and then. */
  #namesAreDue(): boolean {
    const due = this.options.nowMs() - this.#persistedMs >= NAMES_INTERVAL_MS;
    return due && !sameNames(this.#state.names, this.options.machine.rememberedNames);
  }

  #countRepairs(repairs: readonly string[]): void {
    this.#driftRepairs += repairs.length;
    for (const repair of repairs) {
      this.options.log.warn({ stage: "install", repair }, "kernel entry was changed by someone else: put back");
    }
  }

  /** A disk that fails costs the memory across a restart, not the steering. */
  async #persist(): Promise<void> {
    this.#state = { ...this.#state, names: this.options.machine.rememberedNames };
    this.#persistedMs = this.options.nowMs();
    try {
      await this.options.file.write(encodeHostState(this.#state));
    } catch (thrown) {
      const err = SextantError.from(thrown);
      this.options.log.error({ stage: "install", err }, "state cannot be kept on disk: free some space");
    }
  }
}

function sameNames(a: readonly RememberedName[], b: readonly RememberedName[]): boolean {
  const text = (names: readonly RememberedName[]) =>
    JSON.stringify(names.map(({ name, addresses }) => [name, addresses]));
  return text(a) === text(b);
}

function notSynced(wanted: Entries): Map<EntryKey, EntryState> {
  const message = "the kernel is left alone until a controller has sent the whole desired state";
  return new Map(
    [...wanted].map(([key, { revision }]) => [
      key,
      { key, revision, status: "waiting", reason: "no_full_sync", message } as const,
    ]),
  );
}
