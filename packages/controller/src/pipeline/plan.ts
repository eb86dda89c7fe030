import type { Intent, Ipv6Prefix } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import { type ComputedPath, type ComputedPolicy, compute } from "./compute";
import { encode, type EncodeResult } from "./encode";
import { hostDestinations, type PolicyEntries, policyEntries } from "./push";

/** A candidate path and what became of it on the way into a header. */
export interface PlannedCandidate {
  readonly path: ComputedPath;
  readonly encoded: EncodeResult;
}

/** One policy from computation to the entries that its host is to hold. */
export interface PlannedPolicy {
  readonly computed: ComputedPolicy;
  readonly candidates: readonly PlannedCandidate[];
  readonly entries: PolicyEntries;
}

/** Everything derived from one intent. */
export interface IntentPlan {
  readonly intent: Intent;
  readonly policies: readonly PlannedPolicy[];
  readonly unknownSources: readonly string[];
  /** What went wrong inside compute or encode: a bug of ours. There are no policies then. */
  readonly failure?: string;
}

/** Stages compute and encode for one intent, and the entries they lead to. Candidates that fit no header are left out. */
export function planIntent(intent: Intent, snapshot: TopologySnapshot): IntentPlan {
  const { policies, unknownSources } = compute(intent, snapshot);
  return { intent, policies: policies.map((policy) => planPolicy(intent, policy, snapshot)), unknownSources };
}

function planPolicy(intent: Intent, computed: ComputedPolicy, snapshot: TopologySnapshot): PlannedPolicy {
  const candidates = computed.candidates.map((path) => ({ path, encoded: encode(path, snapshot) }));
  const usable = candidates.flatMap(({ path, encoded }) =>
    encoded.kind === "encoded" ? [{ preference: path.preference, segmentLists: [encoded.list] }] : [],
  );
  const destinations = destinationsOf(computed.endpoint, snapshot);
  const entries = policyEntries(intent, { endpoint: computed.endpoint, destinations, candidates: usable });
  return { computed, candidates, entries };
}

/** An endpoint is a host or a prefix; a host that is gone leaves nothing to match. */
function destinationsOf(endpoint: string, snapshot: TopologySnapshot): Ipv6Prefix[] {
  const node = snapshot.nodes.get(endpoint);
  if (node !== undefined) return hostDestinations(node);
  return endpoint.includes("/") ? [endpoint as Ipv6Prefix] : [];
}
