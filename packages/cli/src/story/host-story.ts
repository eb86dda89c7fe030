import { paint, renderTable } from "../output/table";
import { formatAge, formatBytes, formatCount, formatMicroseconds } from "../output/units";
import { pathStateCell } from "../output/columns";
import type { Resource } from "../resource";
import { type HostStatus, hostStatusOf, pathStatusOf } from "../status";
import type { Teller } from "./intent-story";

const POLICIES_SHOWN = 3;

/** A host: its agent, how far it has come, what it refused, what its packets met. `paths` are those of this host. */
export function hostStory(resource: Resource, paths: readonly Resource[], teller: Teller): string[] {
  const status = hostStatusOf(resource);
  return [
    `Host ${resource.name}`,
    ...sessionLines(status, teller),
    ...refusedLines(status, teller),
    "",
    "Desired state",
    `  ${status.currentEntries ?? "an unknown number"} of ${status.desiredEntries} entries have reached the host${pendingWords(status)}`,
    ...(status.notInstalled ?? []).map(
      (entry) =>
        `  ${entry.key} is ${entry.status}: ${[entry.reason, entry.message].filter((text) => text !== "").join(": ")}`,
    ),
    ...(status.noted ?? []).map(({ key, reason, message }) => `  ${key} is installed, but ${reason}: ${message}`),
    "",
    "Paths",
    ...pathLines(paths, teller),
    "",
    "Packets by reason",
    ...reasonLines(status, teller),
    ...uplinkLines(status, teller),
  ];
}

function pendingWords({ notInstalledEntries = 0 }: HostStatus): string {
  return notInstalledEntries === 0 ? "" : `; ${notInstalledEntries} of them not in its kernel:`;
}

function sessionLines({ session, lastReport, driftRepairs }: HostStatus, { nowMs }: Teller): string[] {
  const ago = (time: string | undefined) => (time === undefined ? "" : formatAge(nowMs - Date.parse(time)));
  switch (session.state) {
    case "never":
      return ["  its agent has not connected since this controller started"];
    case "disconnected":
      return [`  its agent left ${ago(session.since)} ago; the host keeps forwarding with what it has`];
    case "connected":
      return [
        `  agent ${session.agentVersion ?? "?"} on kernel ${session.kernelRelease ?? "?"}, connected for ${ago(session.since)} from ${session.peer ?? "?"}`,
        ...(session.features === undefined ? [] : [`  can do ${session.features.join(", ") || "insert"}`]),
        `  delta ${session.ackedVersion ?? 0} of ${session.sentVersion ?? 0} acknowledged`,
        ...(lastReport === undefined
          ? []
          : [`  last report ${ago(lastReport.at)} ago${lastReport.stale ? ", which is too old to rely on" : ""}`]),
        ...(driftRepairs === undefined ? [] : [`  ${driftRepairs} kernel entries had to be put back`]),
      ];
  }
}

function refusedLines({ refused }: HostStatus, { nowMs }: Teller): string[] {
  if (refused === undefined) return [];
  return [`  its agent was turned away ${formatAge(nowMs - Date.parse(refused.at))} ago: ${refused.message}`];
}

function pathLines(paths: readonly Resource[], { nowMs, colour }: Teller): string[] {
  if (paths.length === 0) return ["  none"];
  const rows = paths.map((resource) => {
    const path = pathStatusOf(resource);
    const since = path.since === undefined ? "-" : formatAge(nowMs - Date.parse(path.since));
    const trip = path.roundTripUs === undefined ? "-" : formatMicroseconds(path.roundTripUs);
    return [`  ${path.segments.join(",")}`, pathStateCell(path), since, trip, policiesCell(path.policies)];
  });
  return renderTable(["  SEGMENTS", "STATE", "SINCE", "ROUND TRIP", "POLICIES"], rows, colour);
}

/** A list may serve thousands of policies: `sextant get path -o json` has them all. */
function policiesCell(policies: readonly string[]): string {
  const more = policies.length - POLICIES_SHOWN;
  return `${policies.slice(0, POLICIES_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function uplinkLines({ uplinks = [] }: HostStatus, { colour }: Teller): string[] {
  if (uplinks.length === 0) return [];
  const rows = uplinks.map((uplink) => [
    `  ${uplink.interface}`,
    formatCount(uplink.packets),
    formatBytes(uplink.bytes),
  ]);
  return ["", "Steered out of", ...renderTable(["  INTERFACE", "PACKETS", "BYTES"], rows, colour)];
}

function reasonLines({ packetsByReason = {} }: HostStatus, { colour }: Teller): string[] {
  const counted = Object.entries(packetsByReason).filter(([, count]) => count > 0);
  if (counted.length === 0) return ["  nothing counted yet"].map((line) => paint(line, colour));
  const rows = counted.sort(([, a], [, b]) => b - a).map(([reason, count]) => [`  ${reason}`, formatCount(count)]);
  return renderTable(["  REASON", "PACKETS"], rows, colour);
}
