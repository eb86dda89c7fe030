import type { Condition } from "@sextant/model";
import type { HostHealth } from "../pipeline/judge";
import type { PolicyEntries } from "../pipeline/entries";
import type { HeldEntry } from "./session-state";

/** What a controller can say of a host at one moment. */
export interface HostObservation {
  /** Undefined while the agent is not connected. */
  readonly held: ReadonlyMap<string, HeldEntry> | undefined;
  readonly health: HostHealth | undefined;
  /** The last report is older than it may be. */
  readonly stale: boolean;
}

export const UNSEEN: HostObservation = { held: undefined, health: undefined, stale: true };

type Finding = Omit<Condition, "observedGeneration">;
/** The entries of a policy that its host answers for. */
type Answerable = Pick<PolicyEntries, "policy" | "lists">;

/** Pushed, Installed and Live of one policy: only what its host itself has said. */
export function observedConditions({ policy, lists }: Answerable, host: HostObservation): Condition[] {
  const { held } = host;
  const findings =
    held === undefined
      ? (["Pushed", "Installed", "Live"] as const).map((type) =>
          finding(type, "Unknown", "AgentNotConnected", "the host's agent is not connected"),
        )
      : observed({ policy, lists }, held, host);
  return findings.map((found) => ({ ...found, observedGeneration: policy.entry.generation }));
}

/** Reasons of conditions that are True with nothing more to be said. */
const PLAIN = { Pushed: "Acknowledged", Installed: "Installed", Live: "ProbesReturn" } as const;

/** The three of a whole intent: False when it fails for any policy, else Unknown when it is for any, with the first one's reason. */
export function observedTogether(
  policies: readonly { readonly name: string; readonly conditions: readonly Condition[] }[],
  generation: number,
): Condition[] {
  return (["Pushed", "Installed", "Live"] as const).map((type) => {
    const rows = policies.flatMap(({ name, conditions }) =>
      conditions.filter((condition) => condition.type === type).map((condition) => ({ name, condition })),
    );
    const worst =
      rows.find((row) => row.condition.status === "False") ?? rows.find((row) => row.condition.status === "Unknown");
    return { ...together(type, rows.length, worst, rows), observedGeneration: generation };
  });
}

interface Row {
  readonly name: string;
  readonly condition: Condition;
}

function together(type: keyof typeof PLAIN, total: number, worst: Row | undefined, rows: readonly Row[]): Finding {
  const [first] = rows;
  if (first === undefined) return finding(type, "False", "NothingSelected", "the intent has no policy");
  const isPlain = ({ condition }: Row) => condition.reason === PLAIN[type];
  const told = worst ?? rows.find((row) => !isPlain(row)) ?? first;
  const { status, reason, message } = told.condition;
  if (total === 1) return finding(type, status, reason, message);
  const alike = rows.filter((row) => row.condition.status === status && !isPlain(row)).length;
  const words = alike === 0 ? `all ${total} policies` : `${alike} of ${total} policies, first ${told.name}: ${message}`;
  return finding(type, status, reason, words);
}

function observed(entries: Answerable, held: ReadonlyMap<string, HeldEntry>, host: HostObservation): Finding[] {
  const pushed = pushedFinding(entries, held);
  const installed =
    pushed.status === "True"
      ? installedFinding(entries, held)
      : finding("Installed", "False", "NotPushed", "the host does not have this version yet");
  const live =
    installed.status === "True"
      ? liveFinding(entries, host)
      : finding("Live", "Unknown", "NotInstalled", "what the host has installed is not this version");
  return [pushed, installed, live];
}

function pushedFinding({ policy, lists }: Answerable, held: ReadonlyMap<string, HeldEntry>): Finding {
  const missing = [policy, ...lists].filter(({ entry, revision }) => held.get(entry.key)?.revision !== revision);
  if (missing.length === 0) return finding("Pushed", "True", PLAIN.Pushed, "the host has answered for every entry");
  return finding("Pushed", "False", "AwaitingAck", `${missing.length} entries are not acknowledged yet`);
}

function installedFinding({ policy, lists }: Answerable, held: ReadonlyMap<string, HeldEntry>): Finding {
  const states = [policy, ...lists].map(({ entry }) => ({ key: entry.key, held: held.get(entry.key) }));
  const worst =
    states.find((state) => state.held?.status === "rejected") ??
    states.find((state) => state.held?.status !== "installed");
  if (worst === undefined) return installedWords(policy.entry.generation, states.find(isNoted));
  const { status = "waiting", reason = "", message = "" } = worst.held ?? {};
  const word = reason === "" ? status : reason;
  return finding(
    "Installed",
    "False",
    camelCase(word),
    `${worst.key} is ${status}${message === "" ? "" : `: ${message}`}`,
  );
}

/** An entry that is in the kernel, about which its host has something to say all the same. */
function isNoted({ held }: { readonly held: HeldEntry | undefined }): boolean {
  return held?.status === "installed" && held.reason !== "";
}

function installedWords(generation: number, noted: { key: string; held: HeldEntry | undefined } | undefined): Finding {
  const fact = `generation ${generation} is in the kernel`;
  if (noted?.held === undefined) return finding("Installed", "True", PLAIN.Installed, fact);
  const { reason, message } = noted.held;
  return finding("Installed", "True", camelCase(reason), `${fact}; ${noted.key}: ${message}`);
}

function liveFinding({ policy }: Answerable, { health, stale }: HostObservation): Finding {
  const { key, candidates } = policy.entry;
  if (candidates.length === 0) return finding("Live", "False", "NoPath", "the policy has no candidate path");
  const counters = health?.policies.get(key);
  if (health === undefined || counters === undefined)
    return finding("Live", "Unknown", "NotReported", "the host has not reported on it yet");
  if (stale)
    return finding("Live", "Unknown", "ReportStale", `last report at ${new Date(health.reportedAtMs).toISOString()}`);
  const candidate = candidates[counters.activeCandidate];
  if (candidate === undefined) return finding("Live", "False", "AllPathsDead", "no candidate has returned its probes");
  const paths = candidate.lists.map(({ list }) => health.paths.get(list));
  const name = `candidate ${candidate.preference}`;
  const alive = paths.find((path) => path?.state === "alive");
  if (alive !== undefined) return finding("Live", "True", PLAIN.Live, `${name}, round trip ${alive.roundTripUs} us`);
  if (paths.every((path) => path?.state === "dead"))
    return finding("Live", "False", "PathDead", `${name} is in use and its probes do not return`);
  return finding("Live", "Unknown", "Unproven", `${name} is in use and no probe has returned yet`);
}

/** `map_full` -> `MapFull`, as condition reasons are written. */
function camelCase(word: string): string {
  return word.replace(/(?:^|_+)([a-z0-9]?)/gi, (_match, letter: string) => letter.toUpperCase());
}

function finding(type: Condition["type"], status: Condition["status"], reason: string, message: string): Finding {
  return { type, status, reason, message };
}
