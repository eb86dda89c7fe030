import type { KernelKey, KernelList } from "../reconcile/data-plane";
import type { Link } from "../net/links";
import { type CheckFinding, fail, ok } from "./finding";

/** Smallest MTU of IPv6: a packet of that size must still fit with its header. RFC 8200 section 5. */
const IPV6_MIN_MTU = 1_280;

/** What the checks of the uplinks look at. */
export interface UplinkFacts {
  /** All interfaces of the namespace. */
  readonly links: ReadonlyMap<string, Link>;
  readonly attached: readonly { readonly ifindex: number; readonly hook: string }[];
  readonly lists: ReadonlyMap<KernelKey, KernelList>;
}

/** Interfaces that carry the programs, or that lists leave by. */
export function uplinkIndices({ attached, lists }: Pick<UplinkFacts, "attached" | "lists">): number[] {
  const used = [...lists.values()].map(({ nextHop }) => nextHop.ifindex);
  return [...new Set([...attached.map(({ ifindex }) => ifindex), ...used])].sort((a, b) => a - b);
}

/** Programs, state and MTU of every interface that carries the programs, or that lists leave by. */
export function checkUplinks({ links, attached, lists }: UplinkFacts): CheckFinding[] {
  const byIndex = new Map([...links.values()].map((link) => [link.ifindex, link]));
  const hooks = new Map(attached.map(({ ifindex, hook }) => [ifindex, hook]));
  const all = uplinkIndices({ attached, lists });
  if (all.length === 0) {
    const next = "give --uplink to the agent, or a route to the SR domain's block to an interface";
    return [fail("uplinks", "no interface carries the programs: nothing is steered", next)];
  }
  return all.flatMap((ifindex) => {
    const link = byIndex.get(ifindex);
    const gone = fail(`uplink.${ifindex}`, "the interface is gone", "bring it back, or a route by another one");
    return link === undefined ? [gone] : checkUplink(link, hooks.get(ifindex), lists);
  });
}

function checkUplink(link: Link, hook: string | undefined, lists: ReadonlyMap<KernelKey, KernelList>): CheckFinding[] {
  const name = `uplink.${link.name}`;
  const unattached = fail(`${name}.programs`, "the programs are not attached", "start the agent: it attaches them");
  return [
    hook === undefined ? unattached : ok(`${name}.programs`, `attached by ${hook}`),
    link.up
      ? ok(`${name}.up`, "up")
      : fail(`${name}.up`, "down, or without carrier", `ip link set ${link.name} up; look at its cable`),
    checkMtu(link, longestHeader(link, lists)),
  ];
}

function longestHeader(link: Link, lists: ReadonlyMap<KernelKey, KernelList>): number {
  const own = [...lists.values()].filter(({ nextHop }) => nextHop.ifindex === link.ifindex);
  return Math.max(0, ...own.map(({ header }) => header.length));
}

function checkMtu({ name, mtuBytes }: Link, headerBytes: number): CheckFinding {
  const check = `uplink.${name}.mtu`;
  const left = mtuBytes - headerBytes;
  const detail = `${mtuBytes}, longest header ${headerBytes}: leaves packets of ${left}`;
  if (left >= IPV6_MIN_MTU) return ok(check, detail);
  const next = `ip link set ${name} mtu ${IPV6_MIN_MTU + headerBytes} or more: IPv6 needs packets of ${IPV6_MIN_MTU}`;
  return fail(check, detail, next);
}
