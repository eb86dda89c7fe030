import { DOMAIN_KEY, type EntryKey, isPolicyKey } from "@sextant/model";
import { Alarm, type FarEnd, patienceMs } from "./far-end-patience";
import type { HelloMessage, Host } from "./host";
import type { Plans } from "./plans";
import type { DesiredDelta } from "./session-state";

/** What the ends of policies with outer headers are judged from. */
export interface FarEndSources {
  /** Up to date with the documents in force. */
  readonly plans: () => Plans;
  readonly hosts: ReadonlyMap<string, Host>;
  /** Wall clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** A policy need not wait any longer. */
  readonly onPatienceEnd: () => void;
}

/** Keeps the hosts that take outer headers off in step with those that put them on: what may arrive is admitted before it is sent, and after. */
export class FarEnds {
  /** Monotonic. */
  readonly #startedMs = performance.now();
  readonly #patience: Alarm;

  constructor(private readonly sources: FarEndSources) {
    this.#patience = new Alarm(sources.onPatienceEnd);
  }

  /** A session begins. A controller that has just started knows no more than this: where policies are planned to end now. */
  connected({ host, held }: HelloMessage): void {
    const { heldEnds } = this.#plans;
    for (const [key, entries] of this.#plans.policiesOf(host)) {
      const revision = held.get(key)?.revision;
      if (revision === undefined || (revision !== entries.policy.revision && heldEnds.knows(host, key))) continue;
      heldEnds.mayHold(host, key, revision, entries.decapsulatedBy);
    }
  }

  /** A delta is on its way. */
  sent(host: string, { upserts }: DesiredDelta): void {
    for (const { revision, entry } of upserts) {
      if (entry.kind !== "policy") continue;
      const end = this.#plans.policiesOf(host).get(entry.key)?.decapsulatedBy;
      this.#plans.heldEnds.mayHold(host, entry.key, revision, end);
    }
  }

  /** What a host has said for sure ends the admission of what it had before. */
  answered({ name, connection }: Host): void {
    if (connection.kind !== "connected") return;
    this.#plans.heldEnds.answered(name, (key) => connection.state.surelyHas(key));
  }

  /** The host is no part of the topology any more. */
  forget(host: string): void {
    this.#plans.heldEnds.forget(host);
  }

  /** True while a policy with outer headers is to wait: their end has not answered yet for the domain that admits them. */
  isAwaited(host: Host, key: EntryKey): boolean {
    const end = isPolicyKey(key) ? this.#plans.policiesOf(host.name).get(key)?.decapsulatedBy : undefined;
    if (end === undefined) return false;
    const waitMs = patienceMs(this.#farEnd(end), host.held?.has(key) === true);
    if (waitMs <= 0) return false;
    this.#patience.within(waitMs);
    return true;
  }

  get #plans(): Plans {
    return this.sources.plans();
  }

  #farEnd(name: string): FarEnd {
    const far = this.sources.hosts.get(name);
    if (far === undefined || far.connection.kind === "never") {
      return { kind: "unheard", uptimeMs: performance.now() - this.#startedMs };
    }
    const revision = this.#plans.desiredOf(name).get(DOMAIN_KEY)?.revision;
    return { kind: "heard", owesMs: far.owesMs(DOMAIN_KEY, revision, this.sources.nowMs()) };
  }
}
