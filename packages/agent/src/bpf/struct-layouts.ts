/**
 * Byte offsets of the structs that C and TypeScript share (bpf/shared). A test compares every size and offset with the BTF of
 * the compiled programs. Integers are in the byte order of the machine: little endian on all that we build for.
 */
export const STRUCT_LAYOUTS = {
  sxt_host_config: { bytes: 32, layout_version: 0, probe_multiplier: 4, node_sid: 8, term: 24 },
  sxt_list: {
    bytes: 320,
    slot: 0,
    ifindex: 4,
    nonce: 8,
    next_hop: 16,
    first_segment: 32,
    srh_bytes: 48,
    has_gateway: 50,
    srh: 56,
  },
  sxt_list_state: { bytes: 32, sent: 0, returned: 8, returned_count: 16, round_trip_ns: 24 },
  sxt_traffic: { bytes: 16, packets: 0, byte_count: 8 },
  sxt_policy: { bytes: 72, slot: 0, candidate_count: 4, on_no_path: 5, candidates: 8 },
  sxt_prefix: { bytes: 20, length: 0, address: 4 },
  sxt_match: {
    bytes: 24,
    policy: 0,
    cgroup_id: 8,
    first_port: 16,
    last_port: 18,
    has_ports: 20,
    protocol: 21,
    cgroup_level: 22,
  },
  sxt_destination: { bytes: 1544, row_count: 0, rows: 8 },
} as const;
