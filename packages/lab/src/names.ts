import { createHash } from "node:crypto";
import { type Ipv6Address, type Ipv6Prefix, ipv6, ipv6Prefix, SextantError } from "@sextant/model";

/** Longest interface name: IFNAMSIZ - 1. */
const MAX_INTERFACE_NAME = 15;
const INTERFACE_PREFIX = "to-";
/** Subnet of the management network inside a lab's /48; links are numbered from 0. */
const MANAGEMENT_SUBNET = 0xffff;

/**
 * Checks a lab's short name: 1 to 32 of a-z, 0-9 and '-'. No '.' and no '_', so that names built from it can be read back.
 * Throws SextantError `invalid_argument`.
 */
export function labName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(text)) return text;
  throw new SextantError(
    "invalid_argument",
    `lab name "${text}": use 1 to 32 lower-case letters, digits or '-', beginning and ending with a letter or digit`,
  );
}

/** The lab name for a topology: its own name, fitted to the rules of `labName`. */
export function labNameOfTopology(topologyName: string): string {
  return topologyName.toLowerCase().replaceAll(".", "-").slice(0, 32).replace(/-+$/, "");
}

/** Network namespace of a node. The '.' ends the lab's name, so no two labs and nodes share a namespace. */
export function nodeNamespace(lab: string, node: string): string {
  return `sx-${lab}.${node}`;
}

/** Namespace of the management network: the bridge and the controller. */
export function managementNamespace(lab: string): string {
  return `sx-${lab}-mgmt`;
}

/** Namespace that holds the middle of every link, out of the nodes' sight. */
export function wiresNamespace(lab: string): string {
  return `sx-${lab}-wires`;
}

/** Instance of the agent on a host; it names directories on bpffs, which allows no '.'. */
export function agentInstance(lab: string, host: string): string {
  return `${lab}_${host.replaceAll(".", "_")}`;
}

/** Names one interface per label: `to-<label>`, shortened with a hash where 15 characters do not hold it. */
export function interfaceNames(labels: readonly string[]): string[] {
  const used = new Set<string>();
  return labels.map((label) => {
    let name = `${INTERFACE_PREFIX}${label}`;
    for (let salt = 0; name.length > MAX_INTERFACE_NAME || used.has(name); salt++) {
      const hash = digest(`${label} ${salt}`).toString("hex").slice(0, 4);
      name = `${INTERFACE_PREFIX}${label.slice(0, MAX_INTERFACE_NAME - INTERFACE_PREFIX.length - 5)}-${hash}`;
    }
    used.add(name);
    return name;
  });
}

/** Address of a node on one of its links: unique local (RFC 4193), link number as subnet, node id as interface id. */
export function linkAddress(lab: string, linkIndex: number, nodeId: number): Ipv6Address {
  return ipv6(`${labPrefix(lab)}:${linkIndex.toString(16)}::${nodeId.toString(16)}`);
}

/** Hardware address of one end of a link; locally administered. */
export function linkHardwareAddress(lab: string, linkIndex: number, end: "a" | "b"): string {
  const hash = digest(lab);
  const bytes = [0x02, hash[0] ?? 0, hash[1] ?? 0, linkIndex >> 8, linkIndex & 0xff, end === "a" ? 0 : 1];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** The /64 of the management network. */
export function managementPrefix(lab: string): Ipv6Prefix {
  return ipv6Prefix(`${labPrefix(lab)}:${MANAGEMENT_SUBNET.toString(16)}::/64`);
}

/** Address on the management network: 0 is the controller, others are node ids. */
export function managementAddress(lab: string, nodeId: number): Ipv6Address {
  const last = nodeId === 0 ? "1" : `1:${nodeId.toString(16)}`;
  return ipv6(`${labPrefix(lab)}:${MANAGEMENT_SUBNET.toString(16)}::${last}`);
}

/** The lab's own /48: fd and 40 bits of its name's hash (RFC 4193 section 3.2). */
function labPrefix(lab: string): string {
  const hash = digest(lab).toString("hex");
  return `fd${hash.slice(0, 2)}:${hash.slice(2, 6)}:${hash.slice(6, 10)}`;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
