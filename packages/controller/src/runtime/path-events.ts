import { type DesiredPolicy, type DesiredState, type ListKey, type PolicyKey, policyKey } from "@sextant/model";
import { pairName } from "../compute/endpoints";
import type { EventInput } from "../events/event";
import type { HostHealth, PathHealth } from "../pipeline/judge";
import { pathName } from "./path-name";

/** What happened on a host between two reports. */
export interface ReportedChange {
  readonly host: string;
  /** Undefined when this is the first report that the controller has of it. */
  readonly before: HostHealth | undefined;
  readonly after: HostHealth;
  readonly desired: DesiredState;
}

/** Changes of the states of paths, and of the candidates in use. */
export function reportEvents(change: ReportedChange): EventInput[] {
  return [...pathEvents(change), ...candidateEvents(change)];
}

function pathEvents({ host, before, after, desired }: ReportedChange): EventInput[] {
  const events: EventInput[] = [];
  for (const [list, now] of after.paths) {
    const last = before?.paths.get(list);
    const word = stateWord(now);
    const isNew = last !== undefined && last.sinceMs !== now.sinceMs;
    if (!isNew && word === (last === undefined ? expectedFirst(now) : stateWord(last))) continue;
    const severity = word === "PathAlive" ? "normal" : "warning";
    const again = isNew && last.state === now.state ? " again, after a change between two reports" : "";
    const message = `${stateText(now)}${again}; segments ${segmentsOf(desired, list)}`;
    const atMs = last?.sinceMs === now.sinceMs ? after.reportedAtMs : now.sinceMs;
    events.push({ kind: "Path", object: pathName(host, list), host, reason: word, message, severity, atMs });
  }
  return events;
}

/** A path that is first heard of has changed only if it is not as it should be. */
function expectedFirst(now: PathHealth): string {
  return now.state === "unproven" ? "PathUnproven" : "PathAlive";
}

function stateWord({ state, withheld }: PathHealth): string {
  switch (state) {
    case "unproven":
      return "PathUnproven";
    case "alive":
      return withheld ? "PathWithheld" : "PathAlive";
    case "dead":
      return "PathDead";
  }
}

function stateText({ state, withheld, reason }: PathHealth): string {
  const text = withheld && state === "alive" ? "alive, but left alone" : state;
  return reason === "" ? text : `${text}: ${reason}`;
}

function segmentsOf(desired: DesiredState, list: ListKey): string {
  const entry = desired.get(list)?.entry;
  return entry?.kind === "list" ? entry.segments.join(", ") : "unknown";
}

function candidateEvents({ host, before, after, desired }: ReportedChange): EventInput[] {
  const events: EventInput[] = [];
  for (const [key, { activeCandidate }] of after.policies) {
    // A host that is first heard of is expected to use what is preferred.
    const last = before?.policies.get(key)?.activeCandidate ?? 0;
    if (last === activeCandidate) continue;
    const policy = policyOf(desired, key);
    if (policy === undefined || policy.candidates.length === 0) continue;
    const change = { host, policy, last, now: activeCandidate, after };
    events.push({ kind: "Intent", object: policy.intent, host, ...candidateEvent(change) });
  }
  return events;
}

interface CandidateChange {
  readonly host: string;
  readonly policy: DesiredPolicy;
  readonly last: number;
  readonly now: number;
  readonly after: HostHealth;
}

function candidateEvent({ host, policy, last, now, after }: CandidateChange) {
  const isReturn = policy.key === policyKey(policy.intent, policy.endpoint, "return");
  const pair = pairName({ host, endpoint: policy.endpoint, direction: isReturn ? "return" : "forward" });
  const why = whyLeft(policy, last, after);
  const left = why === "" ? "" : `, ${why}`;
  if (now < 0) {
    const message = `${pair}: no candidate is alive${left}; onNoPath is ${policy.onNoPath}`;
    return { reason: "NoLiveCandidate", message, severity: "warning" as const };
  }
  const message = `${pair}: packets take ${candidateName(policy, now)}, and ${candidateName(policy, last)} no more${left}`;
  return now === 0
    ? { reason: "OnPrimary", message, severity: "normal" as const }
    : { reason: "OnBackup", message, severity: "warning" as const };
}

function candidateName({ candidates }: DesiredPolicy, index: number): string {
  const preference = candidates[index]?.preference;
  if (preference === undefined) return index < 0 ? "plain routing" : `candidate number ${index + 1}`;
  return `${index === 0 ? "the primary" : "the backup"} (preference ${preference})`;
}

/** What is wrong with the first list of the candidate that is not used any more; empty when nothing is. */
function whyLeft({ candidates }: DesiredPolicy, index: number, { paths }: HostHealth): string {
  const bad = candidates[index]?.lists
    .flatMap(({ list }) => paths.get(list) ?? [])
    .find(({ state, withheld }) => withheld || state !== "alive");
  return bad === undefined ? "" : `which is ${stateText(bad)}`;
}

function policyOf(desired: DesiredState, key: PolicyKey): DesiredPolicy | undefined {
  const entry = desired.get(key)?.entry;
  return entry?.kind === "policy" ? entry : undefined;
}
