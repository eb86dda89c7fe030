import type { Condition, DesiredPolicy, ListKey } from "@sextant/model";
import { listKey } from "@sextant/model";
import { pairName } from "../compute/endpoints";
import { type CandidateView, type IntentView, intentView, type PolicyView } from "../pipeline/intent-view";
import type { HostHealth, PathHealth, Traffic } from "../pipeline/judge";
import type { IntentPlan, PlannedPolicy } from "../pipeline/plan";
import { type HostObservation, observedConditions, observedTogether } from "./observed-conditions";

/** Health of a segment list as its host reports it; absent fields were not reported. */
export interface ListStatus {
  readonly list: ListKey;
  readonly state?: PathHealth["state"];
  /** RFC 3339. */
  readonly since?: string;
  readonly roundTripUs?: number;
  readonly lossPpm?: number;
  /** The host's own word for why the state is what it is; absent when there is nothing special. */
  readonly reason?: string;
  /** Alive, but left alone while another list can be used. */
  readonly withheld?: boolean;
  /** Ways back that are dead while the path is alive: 1 the first, 2 the alternate, added up. */
  readonly deadReturns?: number;
  /** Steered onto it. */
  readonly packets?: number;
  readonly bytes?: number;
}

type SegmentListStatus = CandidateView["segmentLists"][number] & ListStatus;
export type CandidateStatus = Omit<CandidateView, "segmentLists"> & {
  readonly segmentLists: readonly SegmentListStatus[];
  /** Absent when not reported. */
  readonly packets?: number;
  readonly bytes?: number;
};

/** One policy with what its host says about it. */
export interface PolicyStatus extends Omit<PolicyView, "candidates"> {
  readonly candidates: readonly CandidateStatus[];
  /** Generation that the host has in its kernel; absent when none is known to be. */
  readonly installedGeneration?: number;
  /** Index in `candidates` of the one that packets take, -1 when none is alive; absent when not reported. */
  readonly activeCandidate?: number;
  readonly packets?: number;
  readonly bytes?: number;
}

/** `status` of an intent. */
export interface IntentStatus extends Pick<IntentView, "issues"> {
  readonly conditions: readonly Condition[];
  readonly policies: readonly PolicyStatus[];
  /** Of an intent that reserves bandwidth: its place in the order of admission. */
  readonly order?: number;
}

/** The status of an intent: what was computed for it and what its hosts say about that. */
export function intentStatus(plan: IntentPlan, observe: (host: string) => HostObservation): IntentStatus {
  const view = intentView(plan);
  const policies = plan.policies.flatMap((policy, i): PolicyStatus[] => {
    const computed = view.policies[i];
    return computed === undefined ? [] : [policyStatus(computed, policy, observe(policy.computed.host))];
  });
  const named = policies.map((policy) => ({ name: pairName(policy), conditions: policy.conditions }));
  const conditions = [...view.conditions, ...observedTogether(named, plan.intent.generation)];
  const { reservation, order } = plan.intent;
  return { conditions, policies, issues: view.issues, ...(reservation === undefined ? {} : { order }) };
}

function policyStatus(view: PolicyView, { entries }: PlannedPolicy, host: HostObservation): PolicyStatus {
  const { policy } = entries;
  const held = host.held?.get(policy.entry.key);
  const isCurrent = held?.revision === policy.revision && held.status === "installed";
  const installedGeneration = isCurrent ? policy.entry.generation : held?.installedGeneration;
  const counters = host.health?.policies.get(policy.entry.key);
  return {
    ...view,
    candidates: view.candidates.map((candidate) => candidateStatus(candidate, policy.entry, host.health)),
    conditions: [...view.conditions, ...observedConditions(entries, host)],
    ...(installedGeneration === undefined ? {} : { installedGeneration }),
    ...(counters === undefined
      ? {}
      : {
          activeCandidate: viewIndex(view, policy.entry, counters.activeCandidate),
          ...trafficStatus(counters),
        }),
  };
}

/** The host counts the candidates that it was given; the view also shows those that fit no header. */
function viewIndex(view: PolicyView, policy: DesiredPolicy, active: number): number {
  const preference = policy.candidates[active]?.preference;
  return view.candidates.findIndex((candidate) => candidate.preference === preference);
}

function candidateStatus(
  candidate: CandidateView,
  policy: DesiredPolicy,
  health: HostHealth | undefined,
): CandidateStatus {
  const segmentLists = candidate.segmentLists.map((list) => ({
    ...list,
    ...listStatus(listKey({ signingKeyId: undefined, ...list }), health),
  }));
  const index = policy.candidates.findIndex(({ preference }) => preference === candidate.preference);
  const traffic = health?.policies.get(policy.key)?.candidates[index];
  return { ...candidate, segmentLists, ...(traffic === undefined ? {} : trafficStatus(traffic)) };
}

/** Counters as JSON numbers. */
export function trafficStatus({ packets, bytes }: Traffic): { readonly packets: number; readonly bytes: number } {
  return { packets: Number(packets), bytes: Number(bytes) };
}

/** What a host says about one list. */
export function listStatus(list: ListKey, health: HostHealth | undefined): ListStatus {
  const path = health?.paths.get(list);
  if (path === undefined) return { list };
  const { state, sinceMs, roundTripUs, lossPpm, reason, withheld, deadReturns, traffic } = path;
  return {
    list,
    state,
    since: new Date(sinceMs).toISOString(),
    roundTripUs,
    lossPpm,
    ...(reason === "" ? {} : { reason }),
    withheld,
    deadReturns,
    ...trafficStatus(traffic),
  };
}
