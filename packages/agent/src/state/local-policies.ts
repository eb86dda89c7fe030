import { type DesiredPolicy, kernelKeyOf, type ListKey, type OnNoPath, type PolicyKey } from "@sextant/model";
import type { DataPlane, KernelKey, KernelPolicy, Traffic } from "../reconcile/data-plane";
import { traceCandidates } from "../trace/trace-candidates";
import type { HostState } from "./host-state";
import { listJudgements } from "./local-lists";

/** A policy that the host was asked to hold. */
export interface LocalPolicy {
  readonly policy: PolicyKey;
  readonly intent: string;
  readonly generation: number;
  readonly revision: string;
  /** Whether the kernel has it. */
  readonly installed: boolean;
  /** Whether the kernel has the newest version asked for. */
  readonly current: boolean;
  /** Index of the candidate that packets take now; -1 when none is usable. */
  readonly activeCandidate: number;
  readonly candidates: readonly (readonly ListKey[])[];
  readonly onNoPath: OnNoPath;
  readonly spread: DesiredPolicy["spread"]["kind"];
  /** Prefixes, and names that the host resolves. */
  readonly destinations: readonly string[];
  readonly packets: string;
  readonly bytes: string;
}

/** Every policy of the state on disk, with what the kernel makes of it. */
export function localPolicies(plane: DataPlane | undefined, state: HostState | undefined): LocalPolicy[] {
  if (state === undefined) return [];
  const inKernel = plane?.policies() ?? new Map<KernelKey, KernelPolicy>();
  const counters = plane?.policyCounters() ?? new Map<KernelKey, readonly Traffic[]>();
  const facts = { lists: plane?.lists() ?? new Map(), judgements: listJudgements(plane), listSlots: new Map() };
  return [...state.wanted].flatMap(([key, wanted]) => {
    const { entry: policy, revision } = state.installed.get(key) ?? wanted;
    if (policy.kind !== "policy") return [];
    const kernel = inKernel.get(kernelKeyOf(policy.key));
    const installed = kernel !== undefined;
    const traffic = counters.get(kernelKeyOf(policy.key)) ?? [];
    return {
      policy: policy.key,
      intent: policy.intent,
      generation: policy.generation,
      revision,
      installed,
      current: installed && wanted.revision === state.installed.get(key)?.revision,
      activeCandidate: installed ? traceCandidates(kernel, facts).findIndex(({ chosen }) => chosen) : -1,
      candidates: policy.candidates.map(({ lists }) => lists.map(({ list }) => list)),
      onNoPath: policy.onNoPath,
      spread: policy.spread.kind,
      destinations: [...policy.match.destinations, ...policy.match.dnsNames],
      packets: String(traffic.reduce((sum, { packets }) => sum + packets, 0n)),
      bytes: String(traffic.reduce((sum, { bytes }) => sum + bytes, 0n)),
    };
  });
}
