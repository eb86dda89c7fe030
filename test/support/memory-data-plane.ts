import { type Ipv6Prefix, SextantError } from "@sextant/model";
import type {
  DataPlane,
  HostConfig,
  KernelKey,
  KernelList,
  KernelMatch,
  KernelPolicy,
  ListObservation,
} from "../../packages/agent/src/reconcile/data-plane";

const ROOMY: DataPlane["limits"] = {
  maxLists: 64,
  maxPolicies: 64,
  maxDestinations: 256,
  maxRowsPerDestination: 64,
  maxCandidates: 8,
  maxSegments: 15,
};

const UNPROBED: ListObservation = {
  sent: 0n,
  returned: 0n,
  returnedCount: 0n,
  roundTripNs: 0n,
  packets: 0n,
  bytes: 0n,
};

/**
 * The kernel's maps as values, for tests of what writes them: bounded like maps, and it records each write. A write that a
 * kernel would carry out but that leaves a pointer to something absent throws, so that any wrong order fails its test.
 */
export class MemoryDataPlane implements DataPlane {
  /** Every write in order, for example "put_list a1". */
  readonly writes: string[] = [];
  readonly limits: DataPlane["limits"];
  #config: HostConfig | undefined;
  readonly #lists = new Map<KernelKey, KernelList>();
  readonly #observations = new Map<KernelKey, ListObservation>();
  readonly #policies = new Map<KernelKey, KernelPolicy>();
  readonly #destinations = new Map<Ipv6Prefix, readonly KernelMatch[]>();
  readonly #sources = new Set<Ipv6Prefix>();
  readonly #attached = new Set<number>();

  /** `room` is what the maps really hold, where that is less than the limits say. */
  constructor(
    limits: Partial<DataPlane["limits"]> = {},
    private readonly room: { lists?: number; policies?: number; destinations?: number; sources?: number } = {},
  ) {
    this.limits = { ...ROOMY, ...limits };
  }

  config(): HostConfig | undefined {
    return this.#config;
  }
  setConfig(config: HostConfig): void {
    this.writes.push("put_config");
    this.#config = config;
  }

  lists(): Map<KernelKey, KernelList> {
    return new Map(this.#lists);
  }
  putList(key: KernelKey, list: KernelList): void {
    this.#put("put_list", key.toString(16), this.#lists, key, list, this.room.lists ?? this.limits.maxLists);
    if (!this.#observations.has(key)) this.#observations.set(key, UNPROBED);
  }
  deleteList(key: KernelKey): void {
    const user = [...this.#policies].find(([, { candidates }]) => candidates.includes(key));
    if (user !== undefined) throw new Error(`list ${key} is still used by policy ${user[0]}`);
    this.writes.push(`delete_list ${key.toString(16)}`);
    this.#lists.delete(key);
    this.#observations.delete(key);
  }
  observeLists(): Map<KernelKey, ListObservation> {
    return new Map(this.#observations);
  }
  /** What BPF would have counted. */
  observed(key: KernelKey, observation: Partial<ListObservation>): void {
    this.#observations.set(key, { ...UNPROBED, ...observation });
  }

  policies(): Map<KernelKey, KernelPolicy> {
    return new Map(this.#policies);
  }
  putPolicy(key: KernelKey, policy: KernelPolicy): void {
    const missing = policy.candidates.find((list) => !this.#lists.has(list));
    if (missing !== undefined) throw new Error(`policy ${key} before its list ${missing}`);
    this.#put(
      "put_policy",
      key.toString(16),
      this.#policies,
      key,
      policy,
      this.room.policies ?? this.limits.maxPolicies,
    );
  }
  deletePolicy(key: KernelKey): void {
    const user = [...this.#destinations].find(([, rows]) => rows.some(({ policy }) => policy === key));
    if (user !== undefined) throw new Error(`policy ${key} is still used by ${user[0]}`);
    this.writes.push(`delete_policy ${key.toString(16)}`);
    this.#policies.delete(key);
  }
  policyCounters(): Map<KernelKey, { packets: bigint; bytes: bigint }> {
    return new Map([...this.#policies.keys()].map((key) => [key, { packets: 0n, bytes: 0n }]));
  }

  destinations(): Map<Ipv6Prefix, readonly KernelMatch[]> {
    return new Map(this.#destinations);
  }
  putDestination(prefix: Ipv6Prefix, rows: readonly KernelMatch[]): void {
    const missing = rows.find(({ policy }) => !this.#policies.has(policy));
    if (missing !== undefined) throw new Error(`destination ${prefix} before its policy ${missing.policy}`);
    if (rows.length > this.limits.maxRowsPerDestination) throw new Error(`${prefix}: ${rows.length} rows`);
    const room = this.room.destinations ?? this.limits.maxDestinations;
    this.#put("put_destination", prefix, this.#destinations, prefix, rows, room);
  }
  deleteDestination(prefix: Ipv6Prefix): void {
    this.writes.push(`delete_destination ${prefix}`);
    this.#destinations.delete(prefix);
  }

  domainSources(): Set<Ipv6Prefix> {
    return new Set(this.#sources);
  }
  addDomainSource(prefix: Ipv6Prefix): void {
    const map = new Map([...this.#sources].map((source) => [source, true]));
    this.#put("add_source", prefix, map, prefix, true, this.room.sources ?? 64);
    this.#sources.add(prefix);
  }
  deleteDomainSource(prefix: Ipv6Prefix): void {
    this.writes.push(`delete_source ${prefix}`);
    this.#sources.delete(prefix);
  }

  reasons(): Map<string, bigint> {
    return new Map([["no_match", 0n]]);
  }
  attached(): { ifindex: number; hook: "tcx" }[] {
    return [...this.#attached].map((ifindex) => ({ ifindex, hook: "tcx" as const }));
  }
  attach(ifindex: number): void {
    this.#attached.add(ifindex);
  }
  detach(ifindex: number): void {
    this.#attached.delete(ifindex);
  }
  close(): void {
    this.writes.push("close");
  }

  #put<K, V>(kind: string, name: string, map: Map<K, V>, key: K, value: V, room: number): void {
    if (!map.has(key) && map.size >= room) throw new SextantError("map_full", `${kind} ${name}: no room`);
    this.writes.push(`${kind} ${name}`);
    map.set(key, value);
  }
}
