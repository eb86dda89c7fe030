import { type IpPrefix, type Ipv6Prefix, SextantError } from "@sextant/model";
import type {
  DataPlane,
  HostConfig,
  KernelDestination,
  KernelKey,
  KernelList,
  KernelPolicy,
  KernelSender,
  ListDemand,
  ListObservation,
  ProbeCounters,
  TcpCounters,
  Traffic,
} from "../../packages/agent/src/reconcile/data-plane";
import { listsOfPolicy, senderName } from "../../packages/agent/src/reconcile/kernel-state";

const ROOMY: DataPlane["limits"] = {
  maxLists: 64,
  maxPolicies: 64,
  maxDestinations: 256,
  maxRules: 1_024,
  maxNesting: 16,
  maxCandidates: 8,
  maxListsPerCandidate: 32,
  maxGroups: 16,
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

const NO_DEMAND: ListDemand = { withheld: undefined, multiplier: undefined };

/** What the maps really hold, where that is less than the limits say. */
export interface Room {
  readonly lists?: number;
  readonly policies?: number;
  readonly destinations?: number;
  readonly sources?: number;
  readonly senders?: number;
}

/**
 * The kernel's maps as values, for tests of what writes them: bounded like maps, and it records each write. A write that a
 * kernel would carry out but that leaves a pointer to something absent throws, so that any wrong order fails its test.
 */
export class MemoryDataPlane implements DataPlane {
  /** Every write in order, for example "put_list a1". */
  readonly writes: string[] = [];
  readonly limits: DataPlane["limits"];
  features: DataPlane["features"] = { executables: true, tcpMoves: true };
  #config: HostConfig | undefined;
  readonly #lists = new Map<KernelKey, KernelList>();
  readonly #observations = new Map<KernelKey, ListObservation>();
  readonly #demands = new Map<KernelKey, ListDemand>();
  readonly #policies = new Map<KernelKey, KernelPolicy>();
  readonly #destinations = new Map<IpPrefix, KernelDestination>();
  readonly #sources = new Map<Ipv6Prefix, true>();
  readonly #senders = new Map<string, KernelSender>();
  readonly #attached = new Set<number>();

  constructor(
    limits: Partial<DataPlane["limits"]> = {},
    private readonly room: Room = {},
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
    const user = [...this.#policies].find(([, policy]) => listsOfPolicy(policy).includes(key));
    if (user !== undefined) throw new Error(`list ${key} is still used by policy ${user[0]}`);
    this.writes.push(`delete_list ${key.toString(16)}`);
    this.#lists.delete(key);
    this.#observations.delete(key);
    this.#demands.delete(key);
  }
  observeLists(): Map<KernelKey, ListObservation> {
    return new Map(this.#observations);
  }
  observeProbes(): Map<KernelKey, ProbeCounters> {
    return this.observeLists();
  }
  observeTcp(): Map<KernelKey, TcpCounters> {
    return new Map();
  }
  listDemands(): Map<KernelKey, ListDemand> {
    return new Map([...this.#lists.keys()].map((key) => [key, this.#demands.get(key) ?? NO_DEMAND]));
  }
  demandOfList(key: KernelKey, demand: ListDemand): void {
    if (this.#lists.has(key)) this.#demands.set(key, demand);
  }
  /** What BPF would have counted. */
  observed(key: KernelKey, observation: Partial<ListObservation>): void {
    this.#observations.set(key, { ...UNPROBED, ...observation });
  }
  probeIdentity(key: KernelKey): { slot: number; nonce: bigint } | undefined {
    const nonce = this.#lists.get(key)?.nonce;
    return nonce === undefined ? undefined : { slot: [...this.#lists.keys()].indexOf(key), nonce };
  }

  policies(): Map<KernelKey, KernelPolicy> {
    return new Map(this.#policies);
  }
  putPolicy(key: KernelKey, policy: KernelPolicy): void {
    const missing = listsOfPolicy(policy).find((list) => !this.#lists.has(list));
    if (missing !== undefined) throw new Error(`policy ${key} before its list ${missing}`);
    const room = this.room.policies ?? this.limits.maxPolicies;
    this.#put("put_policy", key.toString(16), this.#policies, key, policy, room);
  }
  deletePolicy(key: KernelKey): void {
    const user = [...this.#destinations].find(([, { rules }]) => rules.some(({ policy }) => policy === key));
    if (user !== undefined) throw new Error(`policy ${key} is still used by ${user[0]}`);
    this.writes.push(`delete_policy ${key.toString(16)}`);
    this.#policies.delete(key);
  }
  policyCounters(): Map<KernelKey, readonly Traffic[]> {
    const idle = ({ candidates }: KernelPolicy) => candidates.map(() => ({ packets: 0n, bytes: 0n }));
    return new Map([...this.#policies].map(([key, policy]) => [key, idle(policy)]));
  }

  destinations(): Map<IpPrefix, KernelDestination> {
    return new Map(this.#destinations);
  }
  putDestination(prefix: IpPrefix, destination: KernelDestination): void {
    const { rules } = destination;
    const missing = rules.find(({ policy }) => !this.#policies.has(policy));
    if (missing !== undefined) throw new Error(`destination ${prefix} before its policy ${missing.policy}`);
    const fall = rules.every(({ rank }, index) => index === 0 || rank <= (rules[index - 1]?.rank ?? 0n));
    if (!fall) throw new Error(`rules of ${prefix} are not in falling rank`);
    const room = this.room.destinations ?? this.limits.maxDestinations;
    this.#put("put_destination", prefix, this.#destinations, prefix, destination, room);
  }
  deleteDestination(prefix: IpPrefix): void {
    this.writes.push(`delete_destination ${prefix}`);
    this.#destinations.delete(prefix);
  }

  domainSources(): Set<Ipv6Prefix> {
    return new Set(this.#sources.keys());
  }
  addDomainSource(prefix: Ipv6Prefix): void {
    this.#put("add_source", prefix, this.#sources, prefix, true, this.room.sources ?? 64);
  }
  deleteDomainSource(prefix: Ipv6Prefix): void {
    this.writes.push(`delete_source ${prefix}`);
    this.#sources.delete(prefix);
  }

  senders(): readonly KernelSender[] {
    return [...this.#senders.values()];
  }
  addSender(sender: KernelSender): void {
    const name = senderName(sender);
    this.#put("add_sender", name, this.#senders, name, sender, this.room.senders ?? 64);
  }
  deleteSender(sender: KernelSender): void {
    this.writes.push(`delete_sender ${senderName(sender)}`);
    this.#senders.delete(senderName(sender));
  }

  uplinkCounters(): Map<number, Traffic> {
    return new Map();
  }
  reasons(): Map<string, bigint> {
    return new Map([["no_match", 0n]]);
  }
  flowEvents(): Map<string, bigint> {
    return new Map([["tcp_moved", 0n]]);
  }
  flowMoves(): Map<KernelKey, bigint> {
    return new Map([...this.#lists.keys()].map((key) => [key, 0n]));
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
