import type { EntryKey } from "@sextant/model";
import type { LinkName, Load } from "../bandwidth/bandwidth";

/** Loads of the revisions of a policy that its host may have, the newest last. */
type Versions = ReadonlyMap<string, Load>;

/** Hosts that refuse one version after the other: those before the newest are remembered as one, with the most that any of them loads. */
const MAX_VERSIONS = 4;

/**
 * What the policies that hosts may have put on links, as far as it is promised to them. A host that is sent another version of a policy may have either until
 * it has answered, so each link counts the greater load of both. Knows what this controller has sent or was told since it started.
 */
export class HeldLoads {
  readonly #versions = new Map<string, Map<EntryKey, Versions>>();
  readonly #carried = new Map<LinkName, number>();

  /** Bit/s that may be on a direction of a link. */
  carriedBps(link: LinkName): number {
    return this.#carried.get(link) ?? 0;
  }

  /** The most that a policy of a host may put on each link now. */
  of(host: string, key: EntryKey): Load {
    return mostOf(this.#versions.get(host)?.get(key));
  }

  /** Whether the host may have this version. */
  knows(host: string, key: EntryKey, revision: string): boolean {
    return this.#versions.get(host)?.get(key)?.has(revision) === true;
  }

  /** From now on the host may have this version too, or this one has another load. */
  mayHold(host: string, key: EntryKey, revision: string, load: Load): void {
    const policies = this.#versions.get(host) ?? new Map<EntryKey, Versions>();
    const before = policies.get(key);
    if (before === undefined && load.size === 0) return;
    this.#versions.set(host, policies);
    const others = [...(before ?? [])].filter(([other]) => other !== revision);
    const kept = others.length < MAX_VERSIONS ? others : [[others[0]?.[0] ?? "", mostOf(new Map(others))] as const];
    this.#replace(policies, key, new Map([...kept, [revision, load]]));
  }

  /** The host has answered. `heldOf` gives the revision that it has of a policy, "" for none; undefined when that is not sure. */
  answered(host: string, heldOf: (key: EntryKey) => string | undefined): void {
    const policies = this.#versions.get(host) ?? new Map<EntryKey, Versions>();
    for (const [key, versions] of [...policies]) {
      const revision = heldOf(key);
      if (revision === undefined || (revision !== "" && !versions.has(revision))) continue;
      const load = versions.get(revision);
      this.#replace(policies, key, new Map(load === undefined ? [] : [[revision, load]]));
    }
    if (policies.size === 0) this.#versions.delete(host);
  }

  /** The host is gone for good. */
  forget(host: string): void {
    this.answered(host, () => "");
  }

  #replace(policies: Map<EntryKey, Versions>, key: EntryKey, versions: Versions): void {
    for (const [link, bps] of mostOf(policies.get(key))) this.#add(link, -bps);
    for (const [link, bps] of mostOf(versions)) this.#add(link, bps);
    // One that loads nothing is not worth remembering.
    if (versions.size <= 1 && mostOf(versions).size === 0) policies.delete(key);
    else policies.set(key, versions);
  }

  #add(link: LinkName, bps: number): void {
    const now = this.carriedBps(link) + bps;
    if (now === 0) this.#carried.delete(link);
    else this.#carried.set(link, now);
  }
}

const NOTHING: Load = new Map();

function mostOf(versions: Versions | undefined): Load {
  if (versions === undefined) return NOTHING;
  const [only = NOTHING, ...others] = versions.values();
  if (others.length === 0) return only;
  const most = new Map(only);
  for (const load of others) for (const [link, bps] of load) most.set(link, Math.max(most.get(link) ?? 0, bps));
  return most;
}
