import type { DesiredState } from "@sextant/model";
import type { Host } from "./host";
import { trafficStatus } from "./intent-status";

/** Most entries that a host's status names one by one. */
const MAX_NAMED = 100;

/** `status` of a host: its session, how far it has come, and what it says about itself. Times are RFC 3339. */
export function hostStatus(host: Host | undefined, desired: DesiredState, stale: boolean, term: bigint): object {
  return {
    ...sessionStatus(host, term),
    ...(host?.refusal === undefined ? {} : { refused: { at: time(host.refusal.atMs), message: host.refusal.message } }),
    desiredEntries: desired.size,
    ...heldStatus(host, desired),
    ...reportStatus(host, stale),
  };
}

function sessionStatus(host: Host | undefined, term: bigint): object {
  const connection = host?.connection ?? { kind: "never" };
  switch (connection.kind) {
    case "never":
      return { session: { state: "never" } };
    case "disconnected":
      return { session: { state: "disconnected", since: time(connection.sinceMs) } };
    case "connected": {
      const { facts, state } = connection;
      const { sinceMs, ...agent } = facts;
      const versions = { sentVersion: state.sentVersion, ackedVersion: state.ackedVersion };
      return { session: { state: "connected", since: time(sinceMs), ...agent, term: Number(term), ...versions } };
    }
  }
}

function heldStatus(host: Host | undefined, desired: DesiredState): object {
  const held = host?.held;
  if (held === undefined || host?.connection.kind !== "connected") return {};
  const notInstalled = [...held].filter(([, { status }]) => status !== "installed");
  const noted = [...held].filter(([, { status, reason }]) => status === "installed" && reason !== "");
  const current = [...desired].filter(([key, { revision }]) => held.get(key)?.revision === revision).length;
  return {
    heldEntries: held.size,
    currentEntries: current,
    notInstalledEntries: notInstalled.length,
    notInstalled: notInstalled
      .slice(0, MAX_NAMED)
      .map(([key, { status, reason, message }]) => ({ key, status, reason, message })),
    noted: noted.slice(0, MAX_NAMED).map(([key, { reason, message }]) => ({ key, reason, message })),
    ignoredAckEntries: host.connection.state.ignoredEntries,
  };
}

function reportStatus(host: Host | undefined, stale: boolean): object {
  const health = host?.health;
  if (health === undefined) return {};
  const packets = [...health.packetsByReason].map(([reason, count]) => [reason, Number(count)] as const);
  return {
    lastReport: { at: time(health.reportedAtMs), stale, ignoredRows: health.ignoredRows },
    packetsByReason: Object.fromEntries(packets),
    driftRepairs: health.driftRepairs,
    uplinks: health.uplinks.map((uplink) => ({ interface: uplink.interface, ...trafficStatus(uplink) })),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
