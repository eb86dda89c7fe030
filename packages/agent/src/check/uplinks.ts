import { readFileSync } from "node:fs";
import type { KernelKey, KernelList } from "../reconcile/data-plane";
import type { Link } from "../net/links";
import { type CheckFinding, fail, ok, warn } from "./finding";

/** Smallest MTU of IPv6: a packet of that size must still fit with its header. RFC 8200 section 5. */
const IPV6_MIN_MTU = 1_280;
const SYSCTL = "/proc/sys/net/ipv6/conf";

/** What the checks of the uplinks look at. */
export interface UplinkFacts {
  /** All interfaces of the namespace. */
  readonly links: ReadonlyMap<string, Link>;
  readonly attached: readonly { readonly ifindex: number; readonly hook: string }[];
  readonly lists: ReadonlyMap<KernelKey, KernelList>;
}

/** Programs, state, MTU and sysctls of every interface that carries the programs, or that lists leave by. */
export function checkUplinks({ links, attached, lists }: UplinkFacts): CheckFinding[] {
  const byIndex = new Map([...links.values()].map((link) => [link.ifindex, link]));
  const hooks = new Map(attached.map(({ ifindex, hook }) => [ifindex, hook]));
  const used = new Set([...lists.values()].map(({ nextHop }) => nextHop.ifindex));
  const all = [...new Set([...hooks.keys(), ...used])].sort((a, b) => a - b);
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
    checkSeg6(link),
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
  return warn(check, detail, next);
}

/** The kernel takes the lower of the two settings. */
function checkSeg6({ name }: Link): CheckFinding {
  const check = `uplink.${name}.seg6_enabled`;
  const off = ["all", name].filter((scope) => readSysctl(`${scope}/seg6_enabled`) !== "1");
  if (off.length === 0) return ok(check, "1");
  const next = off.map((scope) => `sysctl -w net.ipv6.conf.${scope}.seg6_enabled=1`).join("; ");
  return warn(check, `0 for ${off.join(" and ")}: probes of others do not turn round at this host's SID`, next);
}

/** Whether the host passes on what ends at its own SID, and its workloads' packets. */
export function checkForwarding(): CheckFinding {
  if (readSysctl("all/forwarding") === "1") return ok("sysctl.forwarding", "1");
  return warn(
    "sysctl.forwarding",
    "0: probes of others do not turn round at this host's SID, workloads behind it cannot send",
    "sysctl -w net.ipv6.conf.all.forwarding=1 (and accept_ra=2 where addresses come from router advertisements)",
  );
}

function readSysctl(path: string): string | undefined {
  try {
    return readFileSync(`${SYSCTL}/${path}`, "utf8").trim();
  } catch {
    return undefined;
  }
}
