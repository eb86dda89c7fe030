import { type Family, type Source, source } from "@sextant/metrics";
import type { PolicyObservation } from "../pipeline/observe";
import { type Entries, entryOfKind } from "../reconcile/held-entry";
import { AGENT_FAMILIES as FAMILIES } from "./families";

/** The policies of a host; `installed` names their intents. */
export function policySources(host: string, policies: readonly PolicyObservation[], installed: Entries): Source[] {
  const perPolicy = (
    family: Family<readonly ["host", "policy", "intent", "endpoint"]>,
    value: (policy: PolicyObservation) => number | bigint,
  ) =>
    source(family, function* () {
      for (const seen of policies) {
        const policy = entryOfKind(installed, seen.policy, "policy");
        if (policy !== undefined) yield [[host, seen.policy, policy.intent, policy.endpoint], value(seen)];
      }
    });
  return [
    perPolicy(FAMILIES.policyActive, ({ activeCandidate }) => activeCandidate),
    perPolicy(FAMILIES.policyPackets, ({ packets }) => packets),
    perPolicy(FAMILIES.policyBytes, ({ bytes }) => bytes),
  ];
}
