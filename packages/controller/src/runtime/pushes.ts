import type { EntryKey } from "@sextant/model";
import { FarEnds } from "./far-ends";
import type { HelloMessage, Host } from "./host";
import type { Instruments } from "./instruments";
import type { Log } from "./log";
import type { Plans } from "./plans";
import { RoomFirst } from "./room-first";

export interface PushesOptions {
  readonly plans: () => Plans;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly instruments: Instruments | undefined;
  /** Something is to be pushed that waited for its time. */
  readonly onDue: () => void;
}

/** Who is to be sent what is different: each host that may lack something is looked at once, whatever became different how often. */
export class Pushes {
  readonly #farEnds: FarEnds;
  readonly #room: RoomFirst;
  /** Hosts that may have something to be sent. */
  readonly #due = new Set<string>();
  /** Those of them that have come to be since the last pass. */
  readonly #newlyDue = new Set<string>();
  /** Hosts of which something is held back until another one answers. */
  readonly #heldBack = new Set<string>();

  constructor(private readonly options: PushesOptions) {
    const { plans, hosts, nowMs, log, onDue } = options;
    const onPatienceEnd = () => {
      this.#releaseHeldBack();
      onDue();
    };
    this.#farEnds = new FarEnds({ plans, hosts, nowMs, onPatienceEnd });
    const onCrowded = (host: string, key: EntryKey) => {
      log.warn({ stage: "push", host, key }, "takes bandwidth that others may still have: they have not answered");
    };
    this.#room = new RoomFirst({ plans, nowMs, onPatienceEnd, onCrowded });
  }

  /** A host's session has begun. */
  connected(host: Host, hello: HelloMessage): void {
    this.#farEnds.connected(hello);
    this.#farEnds.answered(host);
    this.#room.follow(host);
    this.#room.answered(host);
    this.#markDue(host.name);
  }

  /** A host has answered what it was sent; others may have waited for that. */
  acknowledged(host: Host): void {
    this.#markDue(host.name);
    this.#releaseHeldBack();
    this.#farEnds.answered(host);
    this.#room.answered(host);
  }

  /** Desired state of a host, or of all of them, is another. */
  desiredChanged(host: string | undefined): void {
    if (host !== undefined) this.#markDue(host);
    else for (const name of this.options.hosts.keys()) this.#markDue(name);
  }

  /**
   * Sends each host that is connected and idle what it lacks, for so long, at least to one: after the rest `onDue` asks. Entries that nobody has seen are made on the way.
   */
  run(budgetMs = Infinity): void {
    const startMs = performance.now();
    for (const name of this.#newlyDue) this.#withHost(name, (host) => this.#room.follow(host));
    this.#newlyDue.clear();
    for (const name of [...this.#due]) {
      this.#due.delete(name);
      this.#withHost(name, (host) => this.#push(host));
      if (performance.now() - startMs >= budgetMs) break;
    }
    if (this.#due.size > 0) this.options.onDue();
  }

  /** Whether a host may still lack something that it could be sent. */
  isDue(host: string): boolean {
    return this.#due.has(host);
  }

  /** The host is gone from the network. */
  forget(host: string): void {
    this.#farEnds.forget(host);
    this.#room.forget(host);
  }

  #markDue(host: string): void {
    this.#due.add(host);
    this.#newlyDue.add(host);
  }

  #withHost(name: string, act: (host: Host) => void): void {
    const host = this.options.hosts.get(name);
    if (host !== undefined) act(host);
  }

  #push(host: Host): void {
    if (host.connection.kind !== "connected") return;
    const { plans, nowMs, instruments, log } = this.options;
    const delta = host.push(plans().desiredOf(host.name), nowMs(), (key) => {
      const isAwaited = this.#farEnds.isAwaited(host, key) || this.#room.isAwaited(host, key);
      if (isAwaited) this.#heldBack.add(host.name);
      return isAwaited;
    });
    if (delta === undefined) return;
    this.#farEnds.sent(host.name, delta);
    this.#room.sent(host.name, delta);
    instruments?.pushed(host.name);
    const { version, upserts, removals, full } = delta;
    const counts = { upserts: upserts.length, removals: removals.length, full };
    log.debug({ stage: "push", host: host.name, version, ...counts }, "delta sent");
  }

  /** What was waited for may have come. */
  #releaseHeldBack(): void {
    for (const host of this.#heldBack) this.#markDue(host);
    this.#heldBack.clear();
  }
}
