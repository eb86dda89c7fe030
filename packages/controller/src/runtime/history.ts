import type { EntryStatus } from "@sextant/model";
import type { EventSink } from "../events/event";
import type { AppliedDocument } from "../pipeline/accept";
import type { DocumentId } from "../pipeline/document-record";
import type { HostHealth } from "../pipeline/judge";
import type { HelloMessage, Host } from "./host";
import { IntentNarrator } from "./intent-narrator";
import { intentStatus } from "./intent-status";
import { observeHost } from "./observe-host";
import { reportEvents } from "./path-events";
import type { Plans } from "./plans";
import type { AckMessage } from "./session-state";

/** Entries of one ack that are told one by one. */
const MAX_TOLD_ENTRIES = 10;

const ENTRY_REASON = {
  installed: "EntryNoted",
  waiting: "EntryWaiting",
  rejected: "EntryRejected",
} as const satisfies Record<EntryStatus, string>;

/** What a history is told about. */
export interface HistoryParts {
  readonly sink: EventSink;
  readonly plans: () => Plans;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly reportIntervalMs: number;
  readonly nowMs: () => number;
}

/** Turns what happens to a controller into events. */
export class History {
  readonly #parts: HistoryParts;
  readonly #intents: IntentNarrator;
  /** Hosts whose last report was too old when last looked at. */
  readonly #stale = new Set<string>();

  constructor(parts: HistoryParts) {
    this.#parts = parts;
    this.#intents = new IntentNarrator((name) => {
      const plan = parts.plans().of(name);
      return plan && intentStatus(plan, (host) => observeHost(parts.hosts.get(host), parts, parts.nowMs()));
    }, parts.sink);
  }

  started(term: bigint, intents: number): void {
    const message = `term ${term}; ${intents} intents in force`;
    this.#parts.sink.record({ kind: "Controller", object: "controller", reason: "Started", message });
  }

  applied(documents: readonly AppliedDocument[]): void {
    for (const { record, action } of documents) {
      if (action === "unchanged") continue;
      const reason = action === "created" ? "Created" : "Configured";
      const message = `${action}, generation ${record.generation}`;
      this.#parts.sink.record({ kind: record.kind, object: record.name, reason, message });
    }
  }

  deleted(documents: readonly DocumentId[]): void {
    for (const { kind, name } of documents) {
      this.#parts.sink.record({ kind, object: name, reason: "Deleted", message: "deleted" });
    }
  }

  /** These were computed again, or are gone. */
  recomputed(intents: readonly string[]): void {
    this.#intents.touch(intents);
  }

  connected({ host, agentVersion, kernelRelease }: HelloMessage, replacesAnother: boolean): void {
    const instead = replacesAnother ? "; it takes over from another agent of this host" : "";
    const message = `agent ${agentVersion || "of unknown version"} on kernel ${kernelRelease || "unknown"} connected${instead}`;
    const severity = replacesAnother ? "warning" : "normal";
    this.#parts.sink.record({ kind: "Host", object: host, reason: "SessionOpened", message, severity });
    this.#touchHost(host);
  }

  disconnected(host: string): void {
    const message = "its agent left; the host keeps forwarding with what it has";
    this.#parts.sink.record({ kind: "Host", object: host, reason: "SessionClosed", message, severity: "warning" });
    this.#touchHost(host);
  }

  /** An agent was turned away. `host` is undefined while nobody knows that it is one. */
  refused(host: string | undefined, message: string): void {
    const object =
      host === undefined
        ? ({ kind: "Controller", object: "sessions" } as const)
        : ({ kind: "Host", object: host } as const);
    this.#parts.sink.record({ ...object, reason: "SessionRefused", message, severity: "warning" });
  }

  acknowledged({ name, connection }: Host, { entries }: AckMessage): void {
    const told = entries.filter(({ status, reason }) => status !== "installed" || reason !== "");
    for (const { key, status, reason, message } of told.slice(0, MAX_TOLD_ENTRIES)) {
      const why = [reason, message].filter((text) => text !== "").join(": ");
      const text = `${key} is ${status}${why === "" ? "" : `: ${why}`}`;
      const severity = status === "rejected" ? "warning" : "normal";
      this.#parts.sink.record({ kind: "Host", object: name, reason: ENTRY_REASON[status], message: text, severity });
    }
    const more = told.length - MAX_TOLD_ENTRIES;
    if (more > 0) {
      const message = `${more} more entries are not plainly installed`;
      this.#parts.sink.record({
        kind: "Host",
        object: name,
        reason: "EntriesNotInstalled",
        message,
        severity: "warning",
      });
    }
    if (connection.kind === "connected" && connection.state.sentVersion === connection.state.ackedVersion) {
      const message = "all of its desired state that was sent is acknowledged";
      this.#parts.sink.record({ kind: "Host", object: name, reason: "Acknowledged", message });
    }
    this.#touchHost(name);
  }

  reported(host: string, before: HostHealth | undefined, after: HostHealth): void {
    const events = reportEvents({ host, before, after, desired: this.#parts.plans().desiredOf(host) });
    for (const event of events) this.#parts.sink.record(event);
    if (events.length > 0 || !speaksOfTheSame(before, after)) this.#touchHost(host);
  }

  /** Reports grow old without any event. */
  tick(): void {
    for (const host of this.#parts.hosts.values()) {
      const { stale, health } = observeHost(host, this.#parts, this.#parts.nowMs());
      const isStale = stale && health !== undefined;
      if (isStale === this.#stale.has(host.name)) continue;
      if (isStale) this.#stale.add(host.name);
      else this.#stale.delete(host.name);
      this.#touchHost(host.name);
    }
  }

  /** The host is no part of the topology any more. */
  forget(host: string): void {
    this.#stale.delete(host);
  }

  stop(): void {
    this.#intents.stop();
  }

  #touchHost(name: string): void {
    this.#intents.touch([...this.#parts.plans().policiesOf(name).values()].map(({ intent }) => intent));
  }
}

/** Two reports about the same paths and policies. */
function speaksOfTheSame(before: HostHealth | undefined, after: HostHealth): boolean {
  if (before?.paths.size !== after.paths.size || before.policies.size !== after.policies.size) return false;
  return (
    [...after.paths.keys()].every((list) => before.paths.has(list)) &&
    [...after.policies.keys()].every((policy) => before.policies.has(policy))
  );
}
