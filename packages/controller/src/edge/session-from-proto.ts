import { type EntryStatus, isListKey, isPolicyKey, type PathState, parseEntryKey, SextantError } from "@sextant/model";
import {
  type Ack,
  EntryStatus as WireEntryStatus,
  type Hello,
  PathState as WirePathState,
  type PathReport as WirePathReport,
  type PolicyReport as WirePolicyReport,
  type Report,
  type UplinkReport as WireUplinkReport,
} from "@sextant/proto";
import type { HostReport, PathReport, PolicyReport, UplinkReport } from "../pipeline/judge";
import type { HelloMessage } from "../runtime/host";
import type { AckMessage, HeldEntry } from "../runtime/session-state";

/** Bounds on what an agent may say; beyond them its session ends. */
const SESSION_LIMITS = {
  heldEntries: 200_000,
  ackEntries: 200_000,
  reportRows: 200_000,
  reasons: 256,
  uplinks: 256,
  candidates: 256,
  features: 64,
  nameCharacters: 253,
  keyCharacters: 512,
  revisionCharacters: 128,
  textCharacters: 1_024,
} as const;

const ENTRY_STATUS: Readonly<Record<WireEntryStatus, EntryStatus | undefined>> = {
  [WireEntryStatus.UNSPECIFIED]: undefined,
  [WireEntryStatus.INSTALLED]: "installed",
  [WireEntryStatus.WAITING]: "waiting",
  [WireEntryStatus.REJECTED]: "rejected",
};

const PATH_STATE: Readonly<Record<WirePathState, PathState | undefined>> = {
  [WirePathState.UNSPECIFIED]: undefined,
  [WirePathState.UNPROVEN]: "unproven",
  [WirePathState.ALIVE]: "alive",
  [WirePathState.DEAD]: "dead",
};

/**
 * Reads a hello. Throws SextantError `invalid_argument` when it breaks a bound. Held keys that are none, or that are named
 * twice, ask for a resync instead (the agent may be of another version), and so does an agent that holds nothing.
 */
export function helloFromProto(hello: Hello): HelloMessage {
  const { host, agentVersion, kernelRelease, maxSegments, features, term } = hello;
  check(host.length >= 1 && host.length <= SESSION_LIMITS.nameCharacters, "hello: host must have 1 to 253 characters");
  requireText("hello: agent_version", agentVersion);
  requireText("hello: kernel_release", kernelRelease);
  requireCount("hello: features", features.length, SESSION_LIMITS.features);
  for (const feature of features) requireText("hello: a feature", feature);
  requireCount("hello: held", hello.held.length, SESSION_LIMITS.heldEntries);
  const held = new Map<string, HeldEntry>();
  // An agent that knows of nothing may still find pinned state that it must not touch before it knows the whole of what is wanted.
  let resync = hello.held.length === 0;
  for (const { key, revision, status } of hello.held) {
    const known = parseEntryKey(key);
    const state = statusFromProto(status);
    if (known === undefined || state === undefined || held.has(known) || !isRevision(revision)) resync = true;
    else held.set(known, { revision, status: state, reason: "", message: "" });
  }
  return { host, agentVersion, kernelRelease, maxSegments, features, term, held, resync };
}

/** Reads an ack. Throws SextantError `invalid_argument` when it breaks a bound. */
export function ackFromProto({ version, entries }: Ack): AckMessage {
  check(version <= BigInt(Number.MAX_SAFE_INTEGER), "ack: version is out of range");
  requireCount("ack: entries", entries.length, SESSION_LIMITS.ackEntries);
  return {
    version: Number(version),
    entries: entries.map(({ key, revision, status, reason, message }) => {
      const state = statusFromProto(status);
      check(key.length <= SESSION_LIMITS.keyCharacters, "ack: an entry's key is too long");
      check(revision.length <= SESSION_LIMITS.revisionCharacters, "ack: an entry's revision is too long");
      requireText("ack: reason", reason);
      if (state === undefined) throw invalid(`ack: entry ${key} has no known status`);
      return { key, revision, status: state, reason, message: message.slice(0, SESSION_LIMITS.textCharacters) };
    }),
  };
}

/** Reads a report. Throws SextantError `invalid_argument` when it breaks a bound or a row is no row. */
export function reportFromProto(report: Report): HostReport {
  const reasons = Object.entries(report.packetsByReason);
  requireCount("report: paths", report.paths.length, SESSION_LIMITS.reportRows);
  requireCount("report: policies", report.policies.length, SESSION_LIMITS.reportRows);
  requireCount("report: packets_by_reason", reasons.length, SESSION_LIMITS.reasons);
  for (const [reason] of reasons) requireText("report: a reason", reason);
  requireCount("report: uplinks", report.uplinks.length, SESSION_LIMITS.uplinks);
  return {
    paths: report.paths.map(pathReportFromProto),
    policies: report.policies.map(policyReportFromProto),
    packetsByReason: new Map(reasons),
    driftRepairs: Number(report.driftRepairs),
    uplinks: report.uplinks.map(uplinkReportFromProto),
  };
}

function pathReportFromProto(row: WirePathReport): PathReport {
  const key = parseEntryKey(row.list);
  const state = Object.hasOwn(PATH_STATE, row.state) ? PATH_STATE[row.state] : undefined;
  if (key === undefined || !isListKey(key)) throw invalid(`report: "${row.list.slice(0, 64)}" is no key of a list`);
  if (state === undefined) throw invalid(`report: ${key} has no known state`);
  requireText("report: a path's reason", row.reason);
  return {
    list: key,
    state,
    stateAgeMs: Number(row.stateAgeMs),
    roundTripUs: row.roundTripUs,
    probesSent: Number(row.probesSent),
    probesReturned: Number(row.probesReturned),
    lossPpm: row.lossPpm,
    reason: row.reason,
    withheld: row.withheld,
    deadReturns: row.deadReturns,
    rareReturns: row.rareReturns,
    probeIntervalUs: row.probeIntervalUs,
    traffic: { packets: row.packets, bytes: row.bytes },
  };
}

function policyReportFromProto(row: WirePolicyReport): PolicyReport {
  const { policy, packets, bytes, activeCandidate } = row;
  const key = parseEntryKey(policy);
  if (key === undefined || !isPolicyKey(key)) throw invalid(`report: "${policy.slice(0, 64)}" is no key of a policy`);
  requireCount("report: candidates", row.candidates.length, SESSION_LIMITS.candidates);
  const candidates = row.candidates.map((each) => ({ packets: each.packets, bytes: each.bytes }));
  return { policy: key, packets, bytes, activeCandidate, candidates };
}

function uplinkReportFromProto(row: WireUplinkReport): UplinkReport {
  requireText("report: an interface", row.interface);
  return { interface: row.interface, packets: row.packets, bytes: row.bytes };
}

/** A newer agent may send numbers that this controller does not know. */
function statusFromProto(status: WireEntryStatus): EntryStatus | undefined {
  return Object.hasOwn(ENTRY_STATUS, status) ? ENTRY_STATUS[status] : undefined;
}

function isRevision(revision: string): boolean {
  return revision.length >= 1 && revision.length <= SESSION_LIMITS.revisionCharacters;
}

function requireText(what: string, text: string): void {
  check(
    text.length <= SESSION_LIMITS.textCharacters,
    `${what} is longer than ${SESSION_LIMITS.textCharacters} characters`,
  );
}

function requireCount(what: string, count: number, max: number): void {
  check(count <= max, `${what}: ${count} entries, at most ${max} are taken`);
}

function check(holds: boolean, message: string): void {
  if (!holds) throw invalid(message);
}

function invalid(message: string): SextantError {
  return new SextantError("invalid_argument", message);
}
