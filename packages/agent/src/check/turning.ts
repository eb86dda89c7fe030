import { readFileSync } from "node:fs";
import type { Link } from "../net/links";
import { type CheckFinding, fail, ok, warn } from "./finding";

const SYSCTL = "/proc/sys/net/ipv6/conf";

/**
 * Whether the kernel turns probes of others round at this host's own SID. Where others steer packets to this host they take it
 * for dead when it does not; a host that only sends needs none of it.
 */
export function checkTurning(uplinks: readonly Link[], isFarEnd: boolean): CheckFinding[] {
  const judge = isFarEnd ? fail : warn;
  return [checkForwarding(judge), ...uplinks.map((link) => checkSeg6(link, judge))];
}

/** The kernel takes the lower of the two settings. */
function checkSeg6({ name }: Link, judge: typeof fail): CheckFinding {
  const check = `uplink.${name}.seg6_enabled`;
  const off = ["all", name].filter((scope) => readSysctl(`${scope}/seg6_enabled`) !== "1");
  if (off.length === 0) return ok(check, "1");
  const next = off.map((scope) => `sysctl -w net.ipv6.conf.${scope}.seg6_enabled=1`).join("; ");
  return judge(check, `0 for ${off.join(" and ")}: probes of others do not turn round at this host's SID`, next);
}

/** Whether the host passes on what ends at its own SID, and its workloads' packets. */
function checkForwarding(judge: typeof fail): CheckFinding {
  if (readSysctl("all/forwarding") === "1") return ok("sysctl.forwarding", "1");
  return judge(
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
