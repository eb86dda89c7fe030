import { type EntryKey, isPolicyKey } from "@sextant/model";
import type { LinkName, Load } from "../bandwidth/bandwidth";
import { edgeOf } from "../topology/directed-link";
import type { TopologySnapshot } from "../topology/snapshot";
import { Alarm } from "./far-end-patience";
import { HeldLoads } from "./held-loads";
import type { Host } from "./host";
import type { Plans } from "./plans";
import type { DesiredDelta } from "./session-state";

/** Longest that a policy waits while nobody leaves its links. */
const PATIENCE_MS = 2_000;
const BITS_PER_MBIT = 1_000_000;

/** A policy that waits: how much was too much at the least so far, in bit/s over all its links, and since when it has been. */
interface Waiting {
  readonly excessBps: number;
  readonly sinceMs: number;
}

/** What the order of moves is judged from. */
export interface RoomSources {
  /** Up to date with the documents in force. */
  readonly plans: () => Plans;
  /** Wall clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** A policy need not wait any longer. */
  readonly onPatienceEnd: () => void;
  /** A policy goes although its links are not known to be free. */
  readonly onCrowded: (host: string, key: EntryKey) => void;
}

/**
 * Makes room on links before it is taken: a policy that reserves bandwidth goes to its host when it fits beside all that hosts may still have there. What hosts
 * are to have in the end fits together, so whoever is in the way is about to leave, and says so when it has.
 */
export class RoomFirst {
  readonly #held = new HeldLoads();
  readonly #patience: Alarm;
  /** By host. */
  readonly #waiting = new Map<string, Map<EntryKey, Waiting>>();

  constructor(private readonly sources: RoomSources) {
    this.#patience = new Alarm(sources.onPatienceEnd);
  }

  /** A session has begun, or desired state is another: what a host has already may be promised more or less than before. */
  follow(host: Host): void {
    const plans = this.#plans;
    const { bandwidth } = plans;
    if (!bandwidth.isUsed) {
      this.#waiting.delete(host.name);
      return;
    }
    const policies = plans.policiesOf(host.name);
    const waiting = this.#waiting.get(host.name);
    for (const [key, entries] of policies) {
      if (bandwidth.planOf(entries.intent) === undefined) continue;
      const { revision, entry } = entries.policy;
      const isThere = surelyHas(host, key) === revision;
      if (isThere) waiting?.delete(key);
      if (!isThere && !this.#held.knows(host.name, key, revision)) continue;
      this.#held.mayHold(host.name, key, revision, bandwidth.loadOf(host.name, entry));
    }
    for (const key of waiting?.keys() ?? []) if (isPolicyKey(key) && !policies.has(key)) waiting?.delete(key);
  }

  /** A delta is on its way. */
  sent(host: string, { upserts }: DesiredDelta): void {
    const { bandwidth } = this.#plans;
    for (const { revision, entry } of upserts) {
      if (entry.kind !== "policy") continue;
      this.#held.mayHold(host, entry.key, revision, bandwidth.loadOf(host, entry));
      this.#waiting.get(host)?.delete(entry.key);
    }
    if (this.#waiting.get(host)?.size === 0) this.#waiting.delete(host);
  }

  /** What a host has said for sure gives back what it had before. */
  answered(host: Host): void {
    this.#held.answered(host.name, (key) => surelyHas(host, key));
  }

  /** The host is no part of the topology any more. */
  forget(host: string): void {
    this.#held.forget(host);
    this.#waiting.delete(host);
  }

  /** True while a policy is to wait for others to leave its links. One that need not counts from now on. */
  isAwaited({ name }: Host, key: EntryKey): boolean {
    const plans = this.#plans;
    const wanted = isPolicyKey(key) ? plans.policiesOf(name).get(key)?.policy : undefined;
    if (wanted === undefined) return false;
    const load = plans.bandwidth.loadOf(name, wanted.entry);
    const excessBps = this.#excessBps(name, key, load);
    const isLate = excessBps > 0 && this.#waits(name, key, excessBps);
    if (!isLate) this.#held.mayHold(name, key, wanted.revision, load);
    return isLate;
  }

  /** By how much its links would be overbooked, all together; 0 for who need not care. */
  #excessBps(host: string, key: EntryKey, load: Load): number {
    if (load.size === 0) return 0;
    const { snapshot } = this.#plans;
    const present = this.#held.of(host, key);
    // Packets that are lost now are not to wait.
    if (snapshot === undefined || ![...present.keys()].every((link) => capacityBps(snapshot, link) !== undefined)) {
      return 0;
    }
    return [...load].reduce((sum, [link, bps]) => {
      const own = present.get(link) ?? 0;
      const others = this.#held.carriedBps(link) - own;
      return bps > own ? sum + Math.max(0, others + bps - (capacityBps(snapshot, link) ?? 0)) : sum;
    }, 0);
  }

  /** False when nobody has made room for long enough. */
  #waits(host: string, key: EntryKey, excessBps: number): boolean {
    const waiting = this.#waiting.get(host) ?? new Map<EntryKey, Waiting>();
    const nowMs = this.sources.nowMs();
    const before = waiting.get(key);
    const { sinceMs } = before !== undefined && before.excessBps <= excessBps ? before : { sinceMs: nowMs };
    const leastBps = Math.min(before?.excessBps ?? Infinity, excessBps);
    this.#waiting.set(host, waiting.set(key, { excessBps: leastBps, sinceMs }));
    const leftMs = PATIENCE_MS - (nowMs - sinceMs);
    if (leftMs > 0) this.#patience.within(leftMs);
    else this.sources.onCrowded(host, key);
    return leftMs > 0;
  }

  get #plans(): Plans {
    return this.sources.plans();
  }
}

/** Undefined for a direction that is broken, or that the topology does not have. */
function capacityBps({ flat, unusable }: TopologySnapshot, name: LinkName): number | undefined {
  const [link = "", from = ""] = name.split(" ");
  const edge = edgeOf(flat, { link, from });
  return edge === undefined || unusable.has(edge) ? undefined : (flat.capacityMbps[edge] as number) * BITS_PER_MBIT;
}

function surelyHas({ connection }: Host, key: EntryKey): string | undefined {
  return connection.kind === "connected" ? connection.state.surelyHas(key) : undefined;
}
