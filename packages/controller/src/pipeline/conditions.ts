import type { Condition, ConditionType, Intent } from "@sextant/model";
import { pairName } from "../compute/endpoints";
import type { FateNames } from "../compute/disjoint";
import { formatMs } from "../topology/metric-units";
import { type ComputedPolicy, sharesNothing } from "./compute";
import type { EncodeFailure } from "./encode";
import type { PlannedPolicy, PolicyReservation } from "./plan";

/** One policy as far as compute and encode have brought it. */
export type ConditionedPolicy = Pick<PlannedPolicy, "computed" | "mode" | "candidates" | "reservation">;

/** One intent with its policies. */
export interface ConditionedIntent {
  readonly intent: Pick<Intent, "generation">;
  readonly policies: readonly ConditionedPolicy[];
  readonly unknownSources: readonly string[];
  readonly failure?: string;
}

type Finding = Omit<Condition, "observedGeneration">;

/** Computed, Encoded and, where backups are wanted, Protected of one policy. */
export function policyConditions(policy: ConditionedPolicy, generation: number): Condition[] {
  const findings = [computedFinding(policy), encodedFinding(policy), protectedFinding(policy)];
  return findings.flatMap((finding) => (finding === undefined ? [] : [{ ...finding, observedGeneration: generation }]));
}

/**
 * Accepted, Computed, Encoded and, where backups are wanted, Protected of a whole intent: True when it holds for every policy,
 * False with the first one's reason when it fails for any.
 */
export function intentConditions({ intent, policies, unknownSources, failure }: ConditionedIntent): Condition[] {
  const { generation } = intent;
  const own = policies.map((policy) => ({ policy, conditions: policyConditions(policy, generation) }));
  const accepted = finding("Accepted", "True", "Valid", "schema and references are sound");
  const types = ["Computed", "Encoded", "Protected"] as const;
  const findings = types.flatMap((type) => {
    const rows = own.flatMap(({ policy, conditions }) =>
      conditions.filter((condition) => condition.type === type).map((condition) => ({ policy, condition })),
    );
    return type === "Protected" && rows.length === 0 ? [] : [together(type, rows, unknownSources)];
  });
  const all = [accepted, ...(failure === undefined ? findings : failureFindings(failure))];
  return all.map((found) => ({ ...found, observedGeneration: generation }));
}

function failureFindings(failure: string): Finding[] {
  const message = `a fault of the controller, please report it: ${failure}`;
  return [
    finding("Computed", "False", "InternalError", message),
    finding("Encoded", "Unknown", "NoPath", "there is no path to encode"),
  ];
}

function computedFinding({ computed, reservation }: ConditionedPolicy): Finding {
  const { candidates, noPath } = computed;
  const [primary] = candidates;
  if (primary === undefined) {
    const taken = reservation?.preemptedBy === undefined ? "" : `; intent ${reservation.preemptedBy} has pre-empted it`;
    return finding("Computed", "False", "NoPath", `${noPath?.reason ?? ""}: ${noPath?.message ?? ""}${taken}`);
  }
  const doubt = primary.exact ? "" : "; the search hit its work limit, better ones may exist";
  const { hops, delayUs } = primary.metrics;
  const beside = primary.beside.length === 0 ? "" : `, and ${primary.beside.length} beside it`;
  const reserved = reservation === undefined ? "" : reservedText(reservation);
  return finding("Computed", "True", "PathFound", `${hops} hops, ${formatMs(delayUs)}${beside}${reserved}${doubt}`);
}

function reservedText({ mbps, admitted, preemptedBy }: PolicyReservation): string {
  const moved = preemptedBy === undefined ? "" : `, elsewhere since intent ${preemptedBy} has pre-empted it`;
  return admitted ? `, ${mbps} Mbit/s reserved${moved}` : `, nothing reserved`;
}

function encodedFinding({ candidates, mode }: ConditionedPolicy): Finding {
  if (candidates.length === 0) return finding("Encoded", "Unknown", "NoPath", "there is no path to encode");
  if (mode.kind === "impossible") return finding("Encoded", "False", mode.reason, mode.message);
  const lengths: number[] = [];
  let pinned = "";
  for (const { path, lists } of candidates) {
    for (const { encoded } of lists) {
      if (encoded.kind === "encoded") {
        lengths.push(encoded.list.segments.length);
        if (encoded.pin === "strict") pinned = ", pinned";
      } else
        return finding("Encoded", "False", failureReason(encoded), `candidate ${path.preference}: ${encoded.message}`);
    }
  }
  const unit = lengths.length === 1 && lengths[0] === 1 ? "segment" : "segments";
  const how = mode.mode === "insert" ? "" : `, ${mode.mode}`;
  const leaves = mode.leaves === undefined ? "" : `; ${mode.leaves}`;
  return finding("Encoded", "True", "Encoded", `${lengths.join(" and ")} ${unit}${how}${pinned}${leaves}`);
}

function failureReason(failure: EncodeFailure): string {
  switch (failure.kind) {
    case "not_encodable":
      return "NotEncodable";
    case "too_many_segments":
      return "TooManySegments";
    case "no_mode":
      return failure.reason;
  }
}

function protectedFinding({ computed, candidates }: ConditionedPolicy): Finding | undefined {
  const { protection } = computed;
  if (protection === undefined) return undefined;
  const { wanted, found, disjoint, exemptions, shared, exact, shortfall } = protection;
  if (shortfall !== undefined) {
    const partly = shared.flatMap((names, i) => (sharesNothing(names) ? [] : [shareText(computed, names, i + 1)]));
    const most = partly.length === 0 || !exact ? "" : "; no others share less";
    const message = `${found} of ${wanted} ${disjoint}-disjoint backups: ${[...partly, shortfall.message].join("; ")}${most}`;
    return finding("Protected", "False", partly.length === 0 ? "NoDisjointBackup" : "PartlyDisjoint", message);
  }
  const usable = candidates.filter(({ lists }) => lists.some(({ encoded }) => encoded.kind === "encoded")).length;
  if (usable <= wanted) {
    return finding(
      "Protected",
      "False",
      "NotEncoded",
      `${usable} of ${wanted + 1} candidates can be put into a header`,
    );
  }
  const around = fateText(exemptions);
  const except = around === "" ? "" : `; no way around ${around}`;
  const doubt = exact ? "" : "; the search hit its work limit, cheaper ones may exist";
  return finding("Protected", "True", "BackupsFound", `${found} ${disjoint}-disjoint${except}${doubt}`);
}

/** What a backup cannot but share with the candidates before it. */
function shareText({ candidates }: ComputedPolicy, names: FateNames, rank: number): string {
  const before = rank === 1 ? "the primary" : "those before it";
  return `candidate ${candidates[rank]?.preference ?? ""} shares ${fateText(names)} with ${before}`;
}

function fateText({ nodes, links, srlgs }: FateNames): string {
  const groups = [
    ["node", nodes],
    ["link", links],
    ["SRLG", srlgs],
  ] as const;
  return groups.flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`)).join(", ");
}

interface Row {
  readonly policy: ConditionedPolicy;
  readonly condition: Condition;
}

function together(type: ConditionType, rows: readonly Row[], unknownSources: readonly string[]): Finding {
  if (type === "Computed" && unknownSources.length > 0) {
    return finding(type, "False", "UnknownHost", `the topology has no host ${unknownSources.join(", ")}`);
  }
  if (rows.length === 0)
    return finding(type, "False", "NothingSelected", "the selectors match no pair of host and endpoint");
  const worst = rows.find(({ condition }) => condition.status === "False") ?? rows.find(isUnknown);
  if (worst === undefined) {
    const [first] = rows;
    const message = rows.length === 1 ? (first?.condition.message ?? "") : `all ${rows.length} policies`;
    return finding(type, "True", first?.condition.reason ?? "", message);
  }
  const { policy, condition } = worst;
  const count = rows.filter((row) => row.condition.status === condition.status).length;
  const where = rows.length === 1 ? "" : `${count} of ${rows.length} policies, first ${pairName(policy.computed)}: `;
  return finding(type, condition.status, condition.reason, `${where}${condition.message}`);
}

function isUnknown({ condition }: Row): boolean {
  return condition.status === "Unknown";
}

function finding(type: ConditionType, status: Condition["status"], reason: string, message: string): Finding {
  return { type, status, reason, message };
}
