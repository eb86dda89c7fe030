import type { Intent } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { type ComputedIntent, type ComputedPolicy, compute } from "./compute";
import type { ComputedPath, SharedPath } from "./computed-path";
import { encode, type EncodeOptions, type EncodeResult } from "./encode";
import { type PolicyEntries, policyEntries } from "./entries";
import { type LackingFeatures, NOTHING_LACKING } from "./features";
import { matchOf } from "./match";
import { type ModeAnswer, settleMode } from "./mode";
import { SEARCHING, type Searches } from "./searches";

/** A path and what became of it on the way into a header. */
export interface PlannedList {
  readonly path: SharedPath;
  readonly encoded: EncodeResult;
}

/** A candidate with the lists of its paths, the best path first. */
export interface PlannedCandidate {
  readonly path: ComputedPath;
  readonly lists: readonly PlannedList[];
}

/** What became of a policy's wish for bandwidth. */
export interface PolicyReservation {
  /** Mbit/s wanted. */
  readonly mbps: number;
  readonly setupPriority: number;
  readonly holdPriority: number;
  /** Whether it has them on every link of its first usable candidate. */
  readonly admitted: boolean;
  /** Intent that took them from it where it would have been without that one. */
  readonly preemptedBy?: string;
}

/** One policy from computation to the entries that its host is to hold. */
export interface PlannedPolicy {
  readonly computed: ComputedPolicy;
  readonly mode: ModeAnswer;
  readonly candidates: readonly PlannedCandidate[];
  readonly entries: PolicyEntries;
  /** Absent where no bandwidth is reserved. */
  readonly reservation?: PolicyReservation;
}

/** Everything derived from one intent. */
export interface IntentPlan {
  readonly intent: Intent;
  readonly policies: readonly PlannedPolicy[];
  readonly unknownSources: readonly string[];
  /** What went wrong inside compute or encode: a bug of ours. There are no policies then. */
  readonly failure?: string;
}

/**
 * Stages compute and encode for one intent, and the entries they lead to. Candidates that fit no header are left out, and
 * so are single paths of a candidate. `lacking` is what hosts are known not to be able to do.
 */
export function planIntent(
  intent: Intent,
  snapshot: TopologySnapshot,
  lacking: LackingFeatures = NOTHING_LACKING,
): IntentPlan {
  return planComputed(intent, compute(intent, snapshot), snapshot, lacking);
}

/** Stage encode for what stage compute made of an intent. */
export function planComputed(
  intent: Intent,
  { policies, unknownSources }: ComputedIntent,
  snapshot: TopologySnapshot,
  lacking: LackingFeatures = NOTHING_LACKING,
  searches: Searches = SEARCHING,
): IntentPlan {
  return {
    intent,
    policies: policies.map((policy) => planPolicy(intent, policy, snapshot, lacking, searches)),
    unknownSources,
  };
}

/** Stage encode for one computed policy, and its entries. */
export function planPolicy(
  intent: Intent,
  computed: ComputedPolicy,
  snapshot: TopologySnapshot,
  lacking: LackingFeatures = NOTHING_LACKING,
  searches: Searches = SEARCHING,
): PlannedPolicy {
  const { match, mode, candidates } = encodePolicy(intent, computed, snapshot, lacking, searches);
  return { computed, mode, candidates, entries: policyEntries(intent, { pair: computed, match, candidates }) };
}

/** Stage encode for one computed policy: which packets it takes, and the lists of its paths. */
export function encodePolicy(
  intent: Intent,
  computed: ComputedPolicy,
  snapshot: TopologySnapshot,
  lacking: LackingFeatures,
  searches: Searches,
) {
  const match = matchOf(intent, computed, snapshot);
  const mode = settleMode(intent.mode, computed, match, snapshot, lacking);
  const returns = lacking.get(computed.host)?.has("alternate-returns") === true ? "one" : "two";
  const how = { pin: intent.pin, algorithm: intent.constraints.algorithm, returns, searches } as const;
  const candidates = computed.candidates.map((path) => ({
    path,
    lists: [path, ...path.beside].map((each) => ({ path: each, encoded: encodeAs(mode, each, snapshot, how) })),
  }));
  return { match, mode, candidates };
}

function encodeAs(
  mode: ModeAnswer,
  path: SharedPath,
  snapshot: TopologySnapshot,
  options: Pick<EncodeOptions, "pin" | "algorithm" | "returns" | "searches">,
): EncodeResult {
  if (mode.kind === "settled") return encode(path, snapshot, { mode: mode.mode, weight: path.weight, ...options });
  return { ...mode, kind: "no_mode" };
}
