import {
  type IpAddress,
  type Ipv6Address,
  type Link,
  SextantError,
  type Sid,
  sidInBlock,
  takesPart,
  type Topology,
  type TopologyNode,
} from "@sextant/model";
import {
  interfaceNames,
  linkAddress,
  linkHardwareAddress,
  managementAddress,
  managementNamespace,
  nodeNamespace,
  wiresNamespace,
} from "./names";

/** A lab is one machine: more nodes or links are refused as `invalid_argument`. */
const MAX_NODES = 512;
const MAX_LINKS = 2_048;

/** One end of a link, inside its node's namespace. */
export interface LinkEnd {
  readonly link: string;
  readonly node: string;
  readonly peer: string;
  readonly interfaceName: string;
  readonly address: Ipv6Address;
  readonly peerAddress: Ipv6Address;
  readonly hardwareAddress: string;
  readonly peerHardwareAddress: string;
  /** One, and at routers another in each flexible algorithm that the router takes part in. */
  readonly adjacencySids: readonly Sid[];
  /** The other end of this node's cable: an interface in the wires namespace. */
  readonly port: string;
}

/** A link as built: two cables, one from each node, joined in the wires namespace. */
export interface LabLink {
  readonly link: Link;
  readonly a: LinkEnd;
  readonly b: LinkEnd;
}

/** A node as built. */
export interface LabNode {
  readonly node: TopologyNode;
  readonly namespace: string;
  readonly ends: readonly LinkEnd[];
  /** Addresses on the loopback; the first of each family is the source of the node's own packets. */
  readonly loopback: readonly IpAddress[];
  /** Address on the management network; hosts only. */
  readonly management: Ipv6Address | undefined;
}

/** Everything that a lab's names and addresses follow from; a pure function of name and topology. */
export interface LabPlan {
  readonly name: string;
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, LabNode>;
  readonly links: ReadonlyMap<string, LabLink>;
  readonly management: { readonly namespace: string; readonly controller: Ipv6Address };
  readonly wires: string;
}

/** Names and addresses of a lab. Throws SextantError `invalid_argument` when the topology is too large for one machine. */
export function planLab(name: string, topology: Topology): LabPlan {
  if (topology.nodes.length > MAX_NODES || topology.links.length > MAX_LINKS) {
    const size = `${topology.nodes.length} nodes and ${topology.links.length} links`;
    throw new SextantError("invalid_argument", `a lab holds ${MAX_NODES} nodes and ${MAX_LINKS} links, got ${size}`);
  }
  const ids = new Map(topology.nodes.map((node) => [node.name, node.nodeId]));
  const nodesByName = new Map(topology.nodes.map((node) => [node.name, node]));
  const nodeOf = (name: string) => nodesByName.get(name);
  const interfaces = interfacesByEnd(topology);
  const links = new Map(
    topology.links.map((link, index): [string, LabLink] => {
      const end = (side: "a" | "b"): LinkEnd => {
        const other = side === "a" ? "b" : "a";
        return {
          link: link.name,
          node: link[side],
          peer: link[other],
          interfaceName: interfaces.get(`${link[side]} ${link.name}`) ?? "",
          address: linkAddress(name, index, ids.get(link[side]) ?? 0),
          peerAddress: linkAddress(name, index, ids.get(link[other]) ?? 0),
          hardwareAddress: linkHardwareAddress(name, index, side),
          peerHardwareAddress: linkHardwareAddress(name, index, other),
          adjacencySids: inAlgorithms(
            topology,
            nodeOf(link[side]),
            side === "a" ? link.aToB.adjacencySid : link.bToA.adjacencySid,
          ),
          port: `w${index}${side}`,
        };
      };
      return [link.name, { link, a: end("a"), b: end("b") }];
    }),
  );
  const ends = [...links.values()].flatMap(({ a, b }) => [a, b]);
  const nodes = new Map(
    topology.nodes.map((node): [string, LabNode] => [
      node.name,
      {
        node,
        namespace: nodeNamespace(name, node.name),
        ends: ends.filter((end) => end.node === node.name),
        loopback: node.kind === "router" ? [...node.addresses, routerLoopback(node)] : node.addresses,
        management: node.kind === "host" ? managementAddress(name, node.nodeId) : undefined,
      },
    ]),
  );
  const management = { namespace: managementNamespace(name), controller: managementAddress(name, 0) };
  return { name, topology, nodes, links, management, wires: wiresNamespace(name) };
}

/** A node's SID, and what it is called in the flexible algorithms that the node has SIDs in: those that a router takes part in. */
export function inAlgorithms({ algorithms }: Topology, node: TopologyNode | undefined, sid: Sid): Sid[] {
  const own = algorithms.filter((each) => node?.kind === "router" && takesPart(each, node));
  return [sid, ...own.map(({ locatorBlock }) => sidInBlock(locatorBlock, sid))];
}

/**
 * Routers answer at `block:node::1` when they declare no address, so that they can be pinged and their ICMP errors tell who
 * sent them. No uSID carrier has that address: a carrier ends in zeros (RFC 9800 section 4.1).
 */
function routerLoopback(node: TopologyNode): Ipv6Address {
  return `${node.sid}1` as Ipv6Address;
}

/** Interface names by `node link`: after the peer, or after the link where several lead to the same peer. */
function interfacesByEnd(topology: Topology): Map<string, string> {
  const names = new Map<string, string>();
  for (const { name: node } of topology.nodes) {
    const own = topology.links.filter((link) => link.a === node || link.b === node);
    const peers = own.map((link) => (link.a === node ? link.b : link.a));
    const labels = own.map((link, i) => {
      const peer = peers[i] ?? "";
      return peers.filter((other) => other === peer).length > 1 ? link.name : peer;
    });
    interfaceNames(labels).forEach((name, i) => names.set(`${node} ${own[i]?.name ?? ""}`, name));
  }
  return names;
}
