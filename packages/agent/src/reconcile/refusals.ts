import type { Applied } from "./apply";
import type { Refused } from "./compile-input";
import type { KernelKey } from "./data-plane";
import type { Entries } from "./held-entry";

/**
 * Writes for which a map had no room. They are compiled around and not tried again until something can have changed that:
 * another desired state, an entry of that map removed, or somebody else's hand in the maps. Trying at every turn would put
 * in and take out again what a refused entry needs.
 */
export class Refusals implements Refused {
  readonly lists = new Map<KernelKey, string>();
  readonly policies = new Map<KernelKey, string>();
  readonly destinations = new Map<string, string>();
  #domain: string | undefined;
  #wanted: Entries | undefined;

  get domain(): string | undefined {
    return this.#domain;
  }

  /** Starts a reconciliation; forgets everything when the desired state is another, or the kernel was disturbed. */
  begin(wanted: Entries, disturbed: boolean): void {
    if (this.#wanted === wanted && !disturbed) return;
    this.#wanted = wanted;
    this.lists.clear();
    this.policies.clear();
    this.destinations.clear();
    this.#domain = undefined;
  }

  /** Takes note of what was refused, and of what made room. */
  note({ done, refused }: Applied): void {
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
  }
}
