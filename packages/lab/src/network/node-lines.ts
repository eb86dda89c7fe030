import { addressPrefix, decapsulationSid, isIpv4, prefixParts } from "@sextant/model";
import { managementPrefix } from "../names";
import { inAlgorithms, type LabNode, type LabPlan, type LinkEnd } from "../plan";

/** Name of the interface into the management network. */
const MANAGEMENT_INTERFACE = "mgmt";
/** Device that local SIDs hang on: a bridge without ports never loses carrier, so no link takes SIDs of others along. */
const SID_DEVICE = "sr0";

/** uN: the next uSID is 16 bits behind block and node (RFC 9800 section 4.1). */
const NODE_FLAVOUR = "flavors next-csid lblen 32 nflen 16";
/** uN and uA in one /64: node and function are taken off together. */
const ADJACENCY_FLAVOUR = "flavors next-csid lblen 32 nflen 32";

/**
 * What a node's namespace is set to before it has interfaces, which take their settings from `default`. SRv6 must be enabled on
 * each interface: `all` does not do it. No duplicate address detection: addresses work at once. No rate limit on ICMP errors.
 */
export const NODE_SYSCTLS: readonly string[] = [
  ...["all", "default"].flatMap((scope) => [
    `net/ipv6/conf/${scope}/forwarding=1`,
    `net/ipv6/conf/${scope}/seg6_enabled=1`,
    `net/ipv6/conf/${scope}/accept_dad=0`,
    `net/ipv6/conf/${scope}/accept_redirects=0`,
    `net/ipv6/conf/${scope}/keep_addr_on_down=1`,
  ]),
  "net/ipv6/conf/lo/seg6_enabled=1",
  "net/ipv6/icmp/ratelimit=0",
  "net/ipv4/ip_forward=1",
  "net/ipv4/icmp_ratelimit=0",
];

/** The middle of the links is no IPv6 node. */
export const WIRES_SYSCTLS: readonly string[] = ["net/ipv6/conf/default/disable_ipv6=1"];

/** The management namespace is a plain host. */
export const MANAGEMENT_SYSCTLS: readonly string[] = ["net/ipv6/conf/default/accept_dad=0"];

/** Lines for `ip -batch` in a node's namespace, once its interfaces exist. */
export function nodeLines(plan: LabPlan, node: LabNode): string[] {
  const { sid, prefixes, decapsulationSid } = node.node;
  return [
    "link set dev lo up",
    `link add name ${SID_DEVICE} type bridge`,
    `link set dev ${SID_DEVICE} up`,
    ...node.loopback.map((address) => `address add ${addressPrefix(address)} dev lo${isIpv4(address) ? "" : " nodad"}`),
    ...prefixes.map((prefix) => `route add local ${prefix} dev lo`),
    ...inAlgorithms(plan.topology, node.node, sid).map(
      (each) => `route add ${each}/48 encap seg6local action End ${NODE_FLAVOUR} dev ${SID_DEVICE}`,
    ),
    // An agent's program takes these packets before they are routed; without one the kernel would read a uSID of a neighbour's.
    ...(decapsulationSid === undefined ? [] : [`route add unreachable ${decapsulationSid}/64`]),
    ...bindingLines(plan, node),
    ...node.ends.flatMap(linkEndLines),
    ...(node.management === undefined ? [] : managementLines(plan, node)),
  ];
}

/**
 * A router's own binding SIDs, and where the outer headers of others' come off. What comes out is looked up in one table only:
 * the router's own addresses are in it too then. Outer headers are signed where lists are, or the next router would drop them.
 */
function bindingLines({ topology }: LabPlan, { node, loopback }: LabNode): string[] {
  const { bindings, locatorBlock, signingKeyId } = topology;
  const signed = signingKeyId === undefined ? "" : ` hmac ${signingKeyId}`;
  const own = bindings.filter((binding) => binding.node === node.name);
  const begins = own.map(({ sid, segments }) => {
    const action = `End.B6.Encaps srh segs ${segments.join(",")}${signed}`;
    return `route add ${sid}/128 encap seg6local action ${action} dev ${SID_DEVICE}`;
  });
  if (!bindings.some(({ end }) => end === node.name)) return begins;
  const decapsulation = decapsulationSid(locatorBlock, node.nodeId);
  const here = [...loopback.map(addressPrefix), ...node.prefixes].filter((prefix) => !isIpv4(prefix));
  return [
    ...begins,
    `route add ${decapsulation}/128 encap seg6local action End.DT6 table main dev ${SID_DEVICE}`,
    ...here.map((prefix) => `route add local ${prefix} dev lo table main`),
  ];
}

/** One end of a link, as at the start or after it was administratively down. */
function linkEndLines(end: LinkEnd): string[] {
  return [
    `link set dev ${end.interfaceName} up`,
    `address replace ${end.address}/64 dev ${end.interfaceName} nodad`,
    ...linkEndRoutes(end),
  ];
}

/**
 * What the kernel forgets when the interface goes down. The neighbour is permanent: a link that loses packets in one direction
 * only must not lose its neighbours, and the other direction, with them.
 */
export function linkEndRoutes(end: LinkEnd): string[] {
  const { interfaceName: device, peerAddress, peerHardwareAddress, adjacencySids } = end;
  const adjacency = `encap seg6local action End.X nh6 ${peerAddress} ${ADJACENCY_FLAVOUR} dev ${device}`;
  return [
    `neighbour replace ${peerAddress} lladdr ${peerHardwareAddress} nud permanent dev ${device}`,
    ...adjacencySids.map((sid) => `route replace ${sid}/64 ${adjacency}`),
  ];
}

/** Lines for `ip -batch` in the management namespace, which also make the hosts' interfaces into it. */
export function managementNetworkLines(plan: LabPlan): string[] {
  const hosts = [...plan.nodes.values()].filter((node) => node.management !== undefined);
  return [
    "link set dev lo up",
    "link add name br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
    "link set dev br0 up",
    `address add ${plan.management.controller}/${managementLength(plan)} dev br0 nodad`,
    ...hosts.flatMap((host, index) => [
      `link add name m${index} type veth peer name ${MANAGEMENT_INTERFACE} netns ${host.namespace}`,
      `link set dev m${index} master br0 up`,
    ]),
  ];
}

/** Packets from the links never reach the management network, whatever a segment list says. */
function managementLines(plan: LabPlan, node: LabNode): string[] {
  const { length } = prefixParts(managementPrefix(plan.name));
  return [
    `link set dev ${MANAGEMENT_INTERFACE} up`,
    `address add ${node.management ?? ""}/${length} dev ${MANAGEMENT_INTERFACE} nodad`,
    ...node.ends.map(({ interfaceName }) => `rule add iif ${interfaceName} to ${managementPrefix(plan.name)} prohibit`),
  ];
}

function managementLength(plan: LabPlan): number {
  return prefixParts(managementPrefix(plan.name)).length;
}
