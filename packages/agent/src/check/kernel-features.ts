import { existsSync } from "node:fs";
import { libbpf, libc } from "../bpf/ffi";
import { tcxIsSupported } from "../bpf/tcx-hook";
import { type CheckFinding, fail, ok, warn } from "./finding";
import { adjustRoom, loadNoOp, SCHED_CLS } from "./probe-program";

/** Program type of the one that sees sockets being made. */
const CGROUP_SOCK = 9;
const ENCAP_L3_IPV6 = 1 << 2;
const NO_CSUM_RESET = 1 << 5;

/** Something that the kernel has or has not, found out by trying. */
interface Feature {
  readonly name: string;
  /** What the packet path does with it. */
  readonly use: string;
  /** First kernel version that has it. */
  readonly since: string;
  readonly works: () => boolean;
  /** Without it only part of the product is missing: this part. */
  readonly optional?: string;
}

const FEATURES: readonly Feature[] = [
  map("lpm_trie", 11, "destination prefixes", "4.11"),
  map("percpu_array", 6, "counters", "4.6"),
  helper("skb_adjust_room", 50, "room for headers", "4.13"),
  helper("skb_ancestor_cgroup_id", 83, "rules by cgroup", "4.19"),
  helper("get_socket_uid", 47, "rules by user", "4.12"),
  helper("fib_lookup", 69, "what is this host's own", "4.18"),
  helper("redirect_neigh", 152, "lists on another uplink", "5.10"),
  helper("check_mtu", 163, "packets that do not fit", "5.12"),
  helper("loop", 181, "searching headers", "5.17"),
  {
    name: "adjust_room_encap",
    use: "outer headers",
    since: "5.2",
    works: () => adjustRoom(40, ENCAP_L3_IPV6) === undefined,
  },
  {
    name: "adjust_room_decap",
    use: "taking outer headers off, checksums kept",
    since: "5.2",
    works: () => adjustRoom(-40, NO_CSUM_RESET) === undefined,
  },
  { name: "tcx", use: "programs on uplinks", since: "6.6", works: hasTcx, optional: "clsact is used in its place" },
  { ...map("sk_storage", 24, "rules by executable", "5.2"), optional: "rules that name an executable match nothing" },
  {
    name: "sock_create",
    use: "rules by executable",
    since: "5.8",
    works: () => libbpf().libbpf_probe_bpf_helper(CGROUP_SOCK, 107, null) === 1,
    optional: "rules that name an executable match nothing",
  },
  {
    name: "seg6",
    use: "this host's own SID, segment routing headers that arrive",
    since: "4.10",
    works: () => existsSync("/proc/sys/net/ipv6/conf/all/seg6_enabled"),
  },
];

/** A finding for every kernel feature that the packet path builds on, each tried here and now. */
export function checkKernelFeatures(): CheckFinding[] {
  return FEATURES.map(({ name, use, since, works, optional }) => {
    const check = `kernel.${name}`;
    if (works()) return ok(check, use);
    const next = `run Linux ${since} or newer, built with it`;
    return optional === undefined ? fail(check, `missing: ${use}`, next) : warn(check, `missing: ${optional}`, next);
  });
}

function map(name: string, type: number, use: string, since: string): Feature {
  return { name, use, since, works: () => libbpf().libbpf_probe_bpf_map_type(type, null) === 1 };
}

function helper(name: string, id: number, use: string, since: string): Feature {
  return { name, use, since, works: () => libbpf().libbpf_probe_bpf_helper(SCHED_CLS, id, null) === 1 };
}

function hasTcx(): boolean {
  const program = loadNoOp();
  if (program < 0) return false;
  try {
    return tcxIsSupported(program);
  } finally {
    libc().close(program);
  }
}
