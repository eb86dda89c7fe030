import type { EntryKey } from "@sextant/model";
import { Senders } from "./senders";

/** Revisions of a policy, with the host where the outer headers of each end; undefined: it has none. */
type Versions = Map<string, string | undefined>;

/**
 * Where the policies that hosts may still have send their outer headers: an end admits a sender until that has said that it has
 * another version, or none. Knows what this controller has sent or was told since it started.
 */
export class HeldEnds {
  readonly #versions = new Map<string, Map<EntryKey, Versions>>();
  readonly #senders = new Senders();

  /** `changed` is told each time that a host has become, or is no longer, one of those that may send to an end. */
  constructor(private readonly changed: (sender: string, end: string) => void) {}

  /** Hosts that may be sending to `end`, in order. */
  of(end: string): string[] {
    return this.#senders.of(end);
  }

  /** True when anything is known of what the host has of a policy. */
  knows(host: string, key: EntryKey): boolean {
    return this.#versions.get(host)?.has(key) === true;
  }

  /** From now on the host may have this version too. */
  mayHold(host: string, key: EntryKey, revision: string, end: string | undefined): void {
    const policies = this.#versions.get(host) ?? new Map<EntryKey, Versions>();
    const before = policies.get(key);
    if (before === undefined && end === undefined) return;
    // Of several versions with the same end the newest is enough: hosts answer for that one.
    const others = [...(before ?? [])].filter(([, other]) => other !== end);
    this.#replace(host, policies, key, new Map([...others, [revision, end]]));
    this.#versions.set(host, policies);
  }

  /** The host has answered. `heldOf` gives the revision that it has of a policy, "" for none; undefined when that is not sure. */
  answered(host: string, heldOf: (key: EntryKey) => string | undefined): void {
    const policies = this.#versions.get(host) ?? new Map<EntryKey, Versions>();
    for (const [key, versions] of [...policies]) {
      const revision = heldOf(key);
      if (revision === undefined || (revision !== "" && !versions.has(revision))) continue;
      const end = versions.get(revision);
      this.#replace(host, policies, key, new Map(end === undefined ? [] : [[revision, end]]));
    }
    if (policies.size === 0) this.#versions.delete(host);
  }

  /** The host is gone for good. */
  forget(host: string): void {
    this.answered(host, () => "");
  }

  #replace(host: string, policies: Map<EntryKey, Versions>, key: EntryKey, versions: Versions): void {
    const before = endsOf(policies.get(key));
    const now = endsOf(versions);
    if (versions.size === 0) policies.delete(key);
    else policies.set(key, versions);
    for (const end of now) if (!before.has(end) && this.#senders.add(host, end)) this.changed(host, end);
    for (const end of before) if (!now.has(end) && this.#senders.remove(host, end)) this.changed(host, end);
  }
}

function endsOf(versions: Versions | undefined): Set<string> {
  return new Set([...(versions?.values() ?? [])].filter((end) => end !== undefined));
}
