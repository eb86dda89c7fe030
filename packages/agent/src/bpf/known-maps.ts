import { SextantError } from "@sextant/model";
import { BpfMap } from "./bpf-map";
import { STRUCT_LAYOUTS } from "./struct-layouts";

/** A map that user space reads or writes. */
interface KnownMap {
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** Values come once per possible CPU. */
  readonly perCpu: boolean;
}

const PREFIX_BYTES = STRUCT_LAYOUTS.sxt_prefix.bytes;
const TRAFFIC_BYTES = STRUCT_LAYOUTS.sxt_traffic.bytes;

/** The maps of user space; bpf/lib/maps.h says what each is for. All others belong to the programs alone. */
const MAPS = {
  destinations: { keyBytes: PREFIX_BYTES, valueBytes: STRUCT_LAYOUTS.sxt_destination.bytes, perCpu: false },
  rules: array(STRUCT_LAYOUTS.sxt_rule.bytes),
  policies: array(STRUCT_LAYOUTS.sxt_policy.bytes),
  groups: array(STRUCT_LAYOUTS.sxt_group.bytes),
  lists: array(STRUCT_LAYOUTS.sxt_list.bytes),
  next_hops: array(STRUCT_LAYOUTS.sxt_next_hop.bytes),
  list_states: array(STRUCT_LAYOUTS.sxt_list_state.bytes),
  list_moves: array(8),
  list_loops: array(STRUCT_LAYOUTS.sxt_list_loops.bytes),
  list_counters: perCpuArray(TRAFFIC_BYTES),
  list_tcp: perCpuArray(STRUCT_LAYOUTS.sxt_list_tcp.bytes),
  leg_counters: perCpuArray(TRAFFIC_BYTES),
  next_hop_counters: perCpuArray(TRAFFIC_BYTES),
  domain_sources: { keyBytes: PREFIX_BYTES, valueBytes: 4, perCpu: false },
  senders: { keyBytes: STRUCT_LAYOUTS.sxt_sender.bytes, valueBytes: 4, perCpu: false },
  reasons: perCpuArray(8),
  flow_events: perCpuArray(8),
  host_config: array(STRUCT_LAYOUTS.sxt_host_config.bytes),
} as const satisfies Record<string, KnownMap>;

export type MapName = keyof typeof MAPS;
export type KnownMaps = Readonly<Record<MapName, BpfMap>>;
const MAP_NAMES = Object.keys(MAPS) as MapName[];

/** Counters by name: counted anew when programs have other names. */
const NAMED: readonly string[] = ["reasons", "flow_events"];

/** Whether a map holds what has to survive an upgrade. */
export function carriesState(name: string): boolean {
  return name in MAPS && !NAMED.includes(name);
}

/** The maps of user space among those of the programs. Throws SextantError `internal` when one is missing. */
export function knownMaps(fds: ReadonlyMap<string, number>, cpus: number): KnownMaps {
  const entries = MAP_NAMES.map((name) => {
    const fd = fds.get(name);
    if (fd === undefined) throw new SextantError("internal", `the programs have no map ${name}: run make build`);
    return [name, knownMap(name, fd, cpus)];
  });
  return Object.fromEntries(entries) as KnownMaps;
}

/** One of them by its file descriptor. */
export function knownMap(name: MapName, fd: number, cpus: number): BpfMap {
  const { keyBytes, valueBytes, perCpu } = MAPS[name];
  return new BpfMap(fd, { name, keyBytes, valueBytes: perCpu ? valueBytes * cpus : valueBytes });
}

function array(valueBytes: number): KnownMap {
  return { keyBytes: 4, valueBytes, perCpu: false };
}

function perCpuArray(valueBytes: number): KnownMap {
  return { keyBytes: 4, valueBytes, perCpu: true };
}
