import type { Applied } from "./apply";
import type { Refused } from "./compile-input";
import type { KernelKey } from "./data-plane";
import type { Entries } from "./held-entry";

/** A refused write is tried again after this long, then after twice as long, and so on up to the second. */
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 64_000;

/**
 * Writes for which a map had no room. They are compiled around until something can have changed that: another desired state,
 * an entry of that map removed, somebody else's hand in the maps, or time, as room also comes of what others give up without
 * being removed. Trying at every turn would put in and take out again what a refused entry needs, so retries become rare.
 */
export class Refusals implements Refused {
  readonly lists = new Map<KernelKey, string>();
  readonly policies = new Map<KernelKey, string>();
  readonly destinations = new Map<string, string>();
  #domain: string | undefined;
  #wanted: Entries | undefined;
  #retryDelayMs = FIRST_RETRY_MS;
  /** On the clock of `begin`; undefined when nothing was refused since the last retry. */
  #retryAtMs: number | undefined;

  get domain(): string | undefined {
    return this.#domain;
  }

  /** True when it is time to try again. */
  isDue(nowMs: number): boolean {
    return this.#retryAtMs !== undefined && nowMs >= this.#retryAtMs;
  }

  /** Starts a reconciliation; forgets everything when the desired state is another, the kernel was disturbed, or it is time. */
  begin(wanted: Entries, disturbed: boolean, nowMs: number): void {
    const isChanged = this.#wanted !== wanted || disturbed;
    if (!isChanged && !this.isDue(nowMs)) return;
    if (isChanged) this.#retryDelayMs = FIRST_RETRY_MS;
    this.#wanted = wanted;
    this.#retryAtMs = undefined;
    this.lists.clear();
    this.policies.clear();
    this.destinations.clear();
    this.#domain = undefined;
  }

  /** Takes note of what was refused, and of what made room. */
  note({ done, refused }: Applied, nowMs: number): void {
    for (const { kind } of done) {
      if (kind === "delete_list") this.lists.clear();
      if (kind === "delete_policy") this.policies.clear();
      if (kind === "delete_destination") this.destinations.clear();
      if (kind === "delete_source" || kind === "delete_sender") this.#domain = undefined;
    }
    for (const { step, message } of refused) {
      if (step.kind === "put_list") this.lists.set(step.key, message);
      if (step.kind === "put_policy") this.policies.set(step.key, message);
      if (step.kind === "put_destination") this.destinations.set(step.prefix, message);
      if (step.kind === "add_source" || step.kind === "add_sender") this.#domain = message;
    }
    if (refused.length > 0) this.#retryLater(nowMs);
  }

  #retryLater(nowMs: number): void {
    if (this.#retryAtMs !== undefined) return;
    this.#retryAtMs = nowMs + this.#retryDelayMs;
    this.#retryDelayMs = Math.min(2 * this.#retryDelayMs, LAST_RETRY_MS);
  }
}
