import type { KernelKey, KernelList } from "../reconcile/data-plane";
import { FLOW_EVENT_NAMES } from "./flow-events";
import { GroupTable } from "./group-table";
import { HostConfigEntry } from "./host-config-entry";
import type { MonotonicClock } from "./index-pool";
import { KERNEL_LIMITS } from "./kernel-limits";
import type { KnownMaps } from "./known-maps";
import { LegTable } from "./leg-table";
import { ListTable } from "./list-table";
import { NamedCounters } from "./named-counters";
import { NextHopTable } from "./next-hop-table";
import { adoptPolicies, PolicyTable } from "./policy-table";
import { DomainSources, Senders } from "./prefix-sets";
import { REASONS } from "./reasons";
import { RuleTable } from "./rule-table";
import { SlotPool } from "./slot-pool";
import { TcpTable } from "./tcp-table";
import { TrafficTable } from "./traffic";

/**
 * The maps as tables that point at one another by index, each read back from the kernel in the order in which they are made:
 *
 *   destinations ─ rules ─ policies ─ (groups) ─ lists ─ next hops
 */
export class KernelTables {
  readonly config: HostConfigEntry;
  readonly nextHops: NextHopTable;
  readonly lists: ListTable;
  readonly policies: PolicyTable;
  readonly rules: RuleTable;
  readonly domainSources: DomainSources;
  readonly senders: Senders;
  readonly reasons: NamedCounters;
  readonly flowEvents: NamedCounters;

  constructor(maps: KnownMaps, cpus: number, nowMs: MonotonicClock) {
    this.config = new HostConfigEntry(maps.host_config);
    this.nextHops = new NextHopTable(maps.next_hops, new TrafficTable(maps.next_hop_counters, cpus), nowMs);
    const counters = new TrafficTable(maps.list_counters, cpus);
    const tcp = new TcpTable(maps.list_tcp, cpus);
    this.lists = new ListTable(
      { lists: maps.lists, states: maps.list_states, loops: maps.list_loops, moves: maps.list_moves, tcp, counters },
      this.nextHops,
      nowMs,
    );
    const slots = new SlotPool<KernelKey>(KERNEL_LIMITS.maxPolicies, nowMs);
    const groups = new GroupTable(maps.groups, nowMs);
    const legs = new LegTable(new TrafficTable(maps.leg_counters, cpus), nowMs);
    adoptPolicies({ map: maps.policies, slots, groups, legs });
    this.rules = new RuleTable(maps, slots, this.config, nowMs);
    const { config, lists, rules } = this;
    this.policies = new PolicyTable({ map: maps.policies, slots, lists, groups, legs, rules, config });
    this.domainSources = new DomainSources(maps.domain_sources, config);
    this.senders = new Senders(maps.senders, config);
    this.reasons = new NamedCounters(maps.reasons, cpus, REASONS);
    this.flowEvents = new NamedCounters(maps.flow_events, cpus, FLOW_EVENT_NAMES);
  }

  /** A list with another content is another one to packets: policies move to it before the old one goes. */
  putList(key: KernelKey, list: KernelList): void {
    const left = this.lists.put(key, list);
    if (left === undefined) return;
    this.policies.followList(left);
    this.lists.retire(left);
  }
}
