import type { DesiredEntry, Sid } from "@sextant/model";
import type { Environment } from "../reconcile/environment";
import type { Entries } from "../reconcile/held-entry";
import type { Cgroups } from "./cgroups";
import type { DnsResolver, RememberedName } from "./dns-resolver";
import { executableOf } from "./executables";
import type { HostNetwork, NetworkNeeds } from "./host-network";
import type { SigningKeys } from "./signing-keys";
import type { Users } from "./users";

/** What entries name that has to be looked up on this host. */
interface Named {
  readonly lists: NetworkNeeds["lists"];
  readonly users: readonly string[];
  readonly dnsNames: readonly string[];
}

export interface HostParts {
  readonly network: HostNetwork;
  readonly cgroups: Cgroups;
  readonly users: Users;
  readonly names: DnsResolver;
  readonly keys: SigningKeys;
}

/** Everything of this host that desired state can name: uplinks and routes, applications, DNS names and keys. */
export class Host {
  #named: Named = { lists: [], users: [], dnsNames: [] };
  #namedBy: readonly Entries[] = [];

  constructor(private readonly parts: HostParts) {}

  /** Looks up what these entries name, as far as it can have changed. `nodeSid` tells the uplinks. */
  async refresh(nodeSid: Sid | undefined, held: readonly Entries[], nowMs: number): Promise<void> {
    const { network, cgroups, users, names, keys } = this.parts;
    if (held.some((entries, index) => entries !== this.#namedBy[index])) {
      this.#named = namedBy(held);
      this.#namedBy = held;
      names.want(this.#named.dnsNames);
    }
    keys.refresh();
    cgroups.refresh(nowMs);
    await Promise.all([
      users.refresh(this.#named.users, nowMs),
      network.refresh({ nodeSid, lists: this.#named.lists }, nowMs),
    ]);
  }

  /** The answers that compiling needs: files and cgroups as of now, the rest as of the last refresh. */
  environment(): Environment {
    const { network, cgroups, users, names, keys } = this.parts;
    return {
      routeTo: (segment) => network.routeTo(segment),
      cgroupOf: (selector) => cgroups.find(selector),
      uidOf: (user) => users.uidOf(user),
      executableOf,
      addressesOf: (name) => names.addressesOf(name),
      signingKey: (id) => keys.find(id),
    };
  }

  /** Last good addresses, to be kept on disk. */
  get rememberedNames(): readonly RememberedName[] {
    return this.parts.names.remembered;
  }

  /** Takes over the addresses that the disk has kept. */
  restoreNames(names: readonly RememberedName[]): void {
    this.parts.names.restore(names);
  }
}

function namedBy(held: readonly Entries[]): Named {
  const entries = new Set<DesiredEntry>(held.flatMap((one) => [...one.values()].map(({ entry }) => entry)));
  const all = [...entries];
  const matches = all.flatMap((entry) => (entry.kind === "policy" ? [entry.match] : []));
  return {
    lists: all.filter((entry) => entry.kind === "list"),
    users: matches.flatMap(({ user }) => user ?? []),
    dnsNames: matches.flatMap(({ dnsNames }) => dnsNames),
  };
}
