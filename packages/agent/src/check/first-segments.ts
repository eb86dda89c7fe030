import { createSocket } from "node:dgram";
import { setTimeout as wait } from "node:timers/promises";
import type { Ipv6Address, Sid } from "@sextant/model";
import { ipRows, textField } from "../net/ip-command";
import type { KernelKey, KernelList } from "../reconcile/data-plane";
import type { InterfaceNames } from "../state/interface-names";
import { type CheckFinding, fail, ok, warn } from "./finding";

/** Nobody listens there; the packet only has to be sent. */
const DISCARD_PORT = 9;
const RESOLUTION_MS = 1_000;
const POLL_MS = 50;
/** States of a neighbour entry with which the kernel has given up, or not yet an answer. */
const UNRESOLVED = new Set(["FAILED", "INCOMPLETE"]);

/** Where the packets of some lists leave: same first segment, interface and gateway. */
interface FirstHop {
  readonly segment: Sid;
  readonly ifindex: number;
  readonly gateway: Ipv6Address | undefined;
}

/**
 * For every first segment: is there a route, does it leave as the kernel's lists do, and does the next node answer there.
 * With `probe` a next node that nobody has asked for yet is asked: one packet to it.
 */
export async function checkFirstSegments(
  lists: ReadonlyMap<KernelKey, KernelList>,
  links: InterfaceNames,
  probe: boolean,
): Promise<CheckFinding[]> {
  const hops = new Map(
    [...lists.values()].map(({ firstSegment: segment, nextHop: { ifindex, gateway } }) => [
      `${segment} ${ifindex} ${gateway ?? ""}`,
      { segment, ifindex, gateway },
    ]),
  );
  const findings: CheckFinding[] = [];
  for (const hop of hops.values()) findings.push(await checkHop(hop, links.get(hop.ifindex), probe));
  return findings;
}

async function checkHop(hop: FirstHop, device: string | undefined, probe: boolean): Promise<CheckFinding> {
  const check = `segment.${hop.segment}`;
  if (device === undefined) return fail(check, "its interface is gone", "bring it back, or a route by another one");
  const [route] = await ipRows(["-6", "route", "get", hop.segment]);
  const via = route && textField(route, "dev");
  if (via === undefined) return fail(check, "no route", `ip -6 route add ${hop.segment}/48 via ROUTER dev ${device}`);
  const gateway = route && textField(route, "gateway");
  if (via !== device || gateway !== hop.gateway) {
    const routed = `the route leads ${pathText(gateway, via)}, packets leave ${pathText(hop.gateway, device)}`;
    return warn(check, routed, "the agent follows routes within a second: is it running?");
  }
  return neighbourFinding(check, hop, device, probe);
}

async function neighbourFinding(
  check: string,
  { segment, gateway }: FirstHop,
  device: string,
  probe: boolean,
): Promise<CheckFinding> {
  const node = gateway ?? segment;
  const where = pathText(gateway, device);
  let state = await neighbourState(node, device);
  if (probe && (state === undefined || UNRESOLVED.has(state))) state = await resolve(node, device);
  if (state === undefined) return ok(check, `${where}; the next node was not asked for yet`);
  if (!UNRESOLVED.has(state)) return ok(check, `${where}, neighbour ${state.toLowerCase()}`);
  return fail(check, `${where}: nobody answers neighbour discovery`, `is ${node} up, and on the link of ${device}?`);
}

/** NUD state in capitals; undefined when the kernel has no entry. */
async function neighbourState(address: string, device: string): Promise<string | undefined> {
  const [row] = await ipRows(["-6", "neigh", "show", address, "dev", device]);
  const states = row?.["state"];
  return Array.isArray(states) && typeof states[0] === "string" ? states[0] : undefined;
}

/** Has the kernel ask for the neighbour, and waits for the answer. */
async function resolve(address: string, device: string): Promise<string | undefined> {
  const socket = createSocket("udp6");
  try {
    const target = address.startsWith("fe80:") ? `${address}%${device}` : address;
    await new Promise((sent) => socket.send("", DISCARD_PORT, target, sent));
  } finally {
    socket.close();
  }
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const state = await neighbourState(address, device);
    if (state !== undefined && !UNRESOLVED.has(state)) return state;
    if (waitedMs >= RESOLUTION_MS) return state ?? "FAILED";
    await wait(POLL_MS);
  }
}

function pathText(gateway: string | undefined, device: string): string {
  return gateway === undefined ? `on ${device}` : `via ${gateway} on ${device}`;
}
