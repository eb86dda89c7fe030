import { addressPrefix, type IpAddress, ipPrefixCovers, isIpv4, SextantError } from "@sextant/model";
import { ipBatch, ipBatchForce } from "../kernel/command";
import { createNamespaces, removeNamespaces, setSysctls } from "../kernel/namespaces";
import type { LabNode } from "../plan";

/** Interface names hold 15 characters, three of which say what it is. */
const NAME = /^[a-z0-9-]{1,12}$/;
const BRIDGE = "br-workloads";
/** Made by the first bridged workload, and there for those that follow. */
const BRIDGE_LINES = [
  `link add name ${BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
  `link set dev ${BRIDGE} up`,
];
const GATEWAY = "fe80::1";
const OWN_LINK_LOCAL = "fe80::2";
/** What containers and virtual machines have unless someone says otherwise. */
const WORKLOAD_MTU = 1_500;

/** Something that runs behind a host with addresses and a network namespace of its own: a container, a virtual machine. */
export interface WorkloadOptions {
  readonly host: string;
  /** 1 to 12 of a-z, 0-9 and `-`. */
  readonly name: string;
  /** `routed`: a cable of its own to the host; `bridged`: a port of the bridge that the host's bridged workloads share. */
  readonly attach: "routed" | "bridged";
  /** Out of the host's prefixes, of either family or both. */
  readonly addresses: readonly IpAddress[];
}

/** Namespace of a workload; it carries its host's name, so that it goes with the lab. */
export function workloadNamespace(host: LabNode, name: string): string {
  return `${host.namespace}+${name}`;
}

/** Makes a workload; throws SextantError `invalid_argument` where the options make no sense, `lab_failed` when it exists. */
export async function addWorkload(host: LabNode, options: WorkloadOptions): Promise<void> {
  check(host, options);
  const namespace = workloadNamespace(host, options.name);
  await createNamespaces([namespace]);
  try {
    await setSysctls(namespace, ["net/ipv6/conf/default/accept_dad=0"]);
    if (options.attach === "bridged") await ipBatchForce(host.namespace, BRIDGE_LINES);
    await ipBatch(host.namespace, hostLines(namespace, options));
    await ipBatch(namespace, insideLines(options));
  } catch (thrown) {
    await removeNamespaces([namespace]);
    throw thrown;
  }
}

function check({ node }: LabNode, { name, addresses }: WorkloadOptions): void {
  if (node.kind === "router")
    throw new SextantError("invalid_argument", `${node.name} is a router: workloads are behind hosts`);
  if (!NAME.test(name))
    throw new SextantError("invalid_argument", `workload "${name}": use 1 to 12 of a-z, 0-9 and '-'`);
  const foreign = addresses.find(
    (address) => !node.prefixes.some((own) => ipPrefixCovers(own, addressPrefix(address))),
  );
  if (foreign === undefined) return;
  throw new SextantError("invalid_argument", `${foreign} is in none of the prefixes of ${node.name}`);
}

/**
 * The routes are in the kernel's own table: there the host answers for its whole prefixes, and the longer prefix wins.
 */
function hostLines(namespace: string, { name, attach, addresses }: WorkloadOptions): string[] {
  const port = `wl-${name}`;
  const device = attach === "routed" ? port : BRIDGE;
  const via = attach === "routed" ? `via inet6 ${OWN_LINK_LOCAL} ` : "";
  return [
    `link add name ${port} mtu ${WORKLOAD_MTU} type veth peer name eth0 mtu ${WORKLOAD_MTU} netns ${namespace}`,
    ...(attach === "bridged" ? [`link set dev ${port} master ${BRIDGE}`] : []),
    `link set dev ${port} up`,
    `address replace ${GATEWAY}/64 dev ${device} nodad`,
    ...addresses.map((address) => `route add ${addressPrefix(address)} ${via}dev ${device} table local`),
  ];
}

function insideLines({ attach, addresses }: WorkloadOptions): string[] {
  const families = [...new Set(addresses.map(isIpv4))];
  return [
    "link set dev lo up",
    "link set dev eth0 up",
    ...(attach === "routed" ? [`address add ${OWN_LINK_LOCAL}/64 dev eth0 nodad`] : []),
    ...addresses.map((address) => `address add ${addressPrefix(address)} dev eth0${isIpv4(address) ? "" : " nodad"}`),
    ...families.map((ipv4) => `route add ${ipv4 ? "0.0.0.0/0" : "::/0"} via inet6 ${GATEWAY} dev eth0`),
  ];
}
