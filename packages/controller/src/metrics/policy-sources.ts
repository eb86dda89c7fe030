import { type Family, type Source, source } from "@sextant/metrics";
import type { DesiredCandidate, DesiredPolicy } from "@sextant/model";
import type { HostHealth, PolicyReport } from "../pipeline/judge";
import type { Controller } from "../runtime/controller";
import { CONTROLLER_FAMILIES as FAMILIES } from "./families";
import { freshHealth } from "./fresh-health";

type PolicyFamily = Family<readonly ["host", "policy", "intent", "endpoint"]>;

/** Policies as planned, and what hosts report of them. */
export function policySources(controller: Controller): Source[] {
  const perReport = (family: PolicyFamily, value: (policy: ReportedPolicy) => number | bigint) =>
    source(family, function* () {
      for (const policy of reportedPolicies(controller)) yield [labelsOf(policy), value(policy)];
    });
  return [
    source(FAMILIES.policyPath, function* () {
      for (const planned of plannedPolicies(controller)) {
        for (const { preference, lists } of planned.entry.candidates) {
          for (const { list } of lists) {
            yield [[...labelsOf(planned), String(preference), list.slice("list/".length)], 1];
          }
        }
      }
    }),
    source(FAMILIES.policyCandidates, function* () {
      for (const planned of plannedPolicies(controller)) yield [labelsOf(planned), planned.entry.candidates.length];
    }),
    perReport(FAMILIES.policyCandidatesAlive, ({ entry, health }) => {
      const alive = entry.candidates.filter((candidate) =>
        hasPath(candidate, health, ({ state }) => state === "alive"),
      );
      return alive.length;
    }),
    perReport(FAMILIES.policyHasBackup, ({ entry, health, counters }) => {
      const others = entry.candidates.filter((_candidate, index) => index !== counters.activeCandidate);
      return Number(others.some((candidate) => hasPath(candidate, health, ({ state }) => state !== "dead")));
    }),
    perReport(FAMILIES.policyActive, ({ counters }) => counters.activeCandidate),
    perReport(FAMILIES.policyPackets, ({ counters }) => counters.packets),
    perReport(FAMILIES.policyBytes, ({ counters }) => counters.bytes),
  ];
}

interface PlannedPolicy {
  readonly host: string;
  readonly entry: DesiredPolicy;
}

interface ReportedPolicy extends PlannedPolicy {
  readonly health: HostHealth;
  readonly counters: Omit<PolicyReport, "policy">;
}

function* plannedPolicies({ plans }: Controller): Iterable<PlannedPolicy> {
  for (const { name, kind } of plans.snapshot?.topology.nodes ?? []) {
    if (kind !== "host") continue;
    for (const { policy } of plans.policiesOf(name).values()) yield { host: name, entry: policy.entry };
  }
}

function* reportedPolicies(controller: Controller): Iterable<ReportedPolicy> {
  for (const { host, health } of freshHealth(controller)) {
    const planned = controller.plans.policiesOf(host);
    for (const [key, counters] of health.policies) {
      const entry = planned.get(key)?.policy.entry;
      if (entry !== undefined) yield { host, entry, health, counters };
    }
  }
}

function labelsOf({ host, entry }: PlannedPolicy) {
  return [host, entry.key, entry.intent, entry.endpoint] as const;
}

function hasPath(
  { lists }: DesiredCandidate,
  { paths }: HostHealth,
  isFine: (path: { readonly state: string }) => boolean,
): boolean {
  return lists.some(({ list }) => {
    const path = paths.get(list);
    return path !== undefined && !path.withheld && isFine(path);
  });
}
