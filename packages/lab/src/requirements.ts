import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SextantError } from "@sextant/model";
import { ipBatch, tcBatch, tryCommand } from "./kernel/command";
import { createNamespaces, removeNamespaces } from "./kernel/namespaces";
import { identify } from "./kernel/processes";
import { DELAY_LINE_PROGRAM } from "./package-paths";
import type { DelayBackend } from "./network/wire-lines";

type NeededProgram = readonly [program: string, debianPackage: string];

const PROGRAMS: readonly NeededProgram[] = [
  ["ip", "iproute2"],
  ["tc", "iproute2"],
  ["nsenter", "util-linux"],
];

/** Where delays are made in user space. */
const DELAY_LINE_PROGRAMS: readonly NeededProgram[] = [["ethtool", "ethtool"]];

/** One trial of something a lab needs, in a namespace of its own. */
interface KernelFeature {
  readonly lines: readonly string[];
  readonly program: "ip" | "tc";
  readonly need: string;
}

const FEATURES: readonly KernelFeature[] = [
  {
    program: "ip",
    lines: ["link add name p0 type veth peer name p1", "link set dev p0 up", "link set dev p1 up"],
    need: "veth interfaces (CONFIG_VETH)",
  },
  { program: "ip", lines: ["link add name b0 type bridge", "link set dev b0 up"], need: "bridges (CONFIG_BRIDGE)" },
  {
    program: "ip",
    lines: ["route add fcbb:bb00:1::/48 encap seg6local action End flavors next-csid lblen 32 nflen 16 dev b0"],
    need: "End with NEXT-C-SID: kernel 6.1 with CONFIG_IPV6_SEG6_LWTUNNEL, and iproute2 6.1",
  },
  {
    program: "ip",
    lines: [
      "route add fcbb:bb00:1:e000::/64 encap seg6local action End.X nh6 2001:db8::1 flavors next-csid lblen 32 nflen 32 dev p0",
    ],
    need: "End.X with NEXT-C-SID: kernel 6.6 with CONFIG_IPV6_SEG6_LWTUNNEL",
  },
  {
    program: "ip",
    lines: [
      "address add 2001:db8::2/64 dev p0 nodad",
      "address add 192.0.2.1/32 dev lo",
      "route add 198.51.100.0/24 src 192.0.2.1 via inet6 2001:db8::1 dev p0",
    ],
    need: "IPv4 routes over IPv6 neighbours: kernel 5.2 and iproute2 5.0 or newer",
  },
  {
    program: "ip",
    lines: ["rule add iif p0 to 2001:db8::/64 prohibit"],
    need: "policy routing (CONFIG_IPV6_MULTIPLE_TABLES)",
  },
  {
    program: "tc",
    lines: [
      "qdisc add dev p0 clsact",
      "filter add dev p0 ingress pref 1 protocol all u32 match u32 0 0 action mirred egress redirect dev p1",
    ],
    need: "traffic control: CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_U32 and CONFIG_NET_ACT_MIRRED",
  },
  {
    program: "tc",
    lines: ['filter add dev p0 egress pref 1 handle 1 protocol all bpf direct-action bytecode "1,6 0 0 2,"'],
    need: "BPF filters (CONFIG_NET_CLS_BPF)",
  },
];

/**
 * Makes sure that this machine can run a lab, and finds out how delays are made. Throws SextantError: `missing_privilege`
 * without root, `missing_program` with what to install, `missing_kernel_feature` with its configuration or version.
 */
export async function checkRequirements(): Promise<{ delayBackend: DelayBackend }> {
  requireRoot();
  requirePrograms(PROGRAMS);
  const namespace = await probeNamespace();
  try {
    for (const feature of FEATURES) await tryFeature(namespace, feature);
    const netem = await tryCommand("tc", [
      "-n",
      namespace,
      "qdisc",
      "add",
      "dev",
      "p1",
      "root",
      "netem",
      "delay",
      "1ms",
    ]);
    if (netem.status === 0) return { delayBackend: "netem" };
  } finally {
    await removeNamespaces([namespace]);
  }
  requirePrograms(DELAY_LINE_PROGRAMS);
  if (!existsSync(DELAY_LINE_PROGRAM)) {
    throw new SextantError(
      "missing_program",
      `${DELAY_LINE_PROGRAM} is not built, and this kernel has no netem: run "make build" (it needs clang)`,
    );
  }
  return { delayBackend: "delay-line" };
}

function requirePrograms(programs: readonly NeededProgram[]): void {
  const missing = programs.filter(([program]) => !isInPath(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))].join(" ");
  const names = missing.map(([program]) => program).join(", ");
  throw new SextantError("missing_program", `not found: ${names}. On Debian: apt-get install ${packages}`);
}

/** Labs are root's alone: anyone else sees too little to judge what state they are in. Throws SextantError `missing_privilege`. */
export function requireRoot(): void {
  if (process.geteuid?.() === 0) return;
  throw new SextantError("missing_privilege", "labs are made of network namespaces: run as root (sudo)");
}

let probes = 0;

/** A namespace to try things in. */
async function probeNamespace(): Promise<string> {
  await removeStaleProbes();
  const namespace = `sx-probe-${process.pid}-${probes++}`;
  await createNamespaces([namespace]);
  return namespace;
}

/** Removes the namespaces in which processes that are gone tried things. */
export async function removeStaleProbes(): Promise<void> {
  const names = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  const stale = names.filter((name) => {
    const pid = /^sx-probe-(\d+)-\d+$/.exec(name)?.[1];
    return pid !== undefined && identify(Number(pid)) === undefined;
  });
  await removeNamespaces(stale);
}

async function tryFeature(namespace: string, { lines, program, need }: KernelFeature): Promise<void> {
  try {
    if (program === "ip") await ipBatch(namespace, lines);
    else await tcBatch(namespace, lines);
  } catch (cause) {
    const said = SextantError.from(cause).message;
    throw new SextantError("missing_kernel_feature", `this machine cannot do what a lab needs: ${need}. ${said}`, {
      cause,
    });
  }
}

function isInPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((directory) => existsSync(join(directory, program)));
}
