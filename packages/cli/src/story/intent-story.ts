import { type NetworkFor, pairName, type TopologySnapshot } from "@sextant/controller";
import type { Intent, Service, Topology } from "@sextant/model";
import { intentOf } from "../domain-of-resource";
import { pathStateCell } from "../output/columns";
import { paint, renderTable } from "../output/table";
import { formatAge, formatBytes, formatCount, formatLoss, formatMicroseconds } from "../output/units";
import { intentVerdict } from "../output/verdict";
import type { Resource } from "../resource";
import { type CandidateStatus, intentStatusOf, type PolicyStatus } from "../status";
import { askedLines } from "./asked";
import { whyLines } from "./why";
import { segmentMeaning } from "./segment-meaning";

const HEADERS = {
  insert: "inserted",
  encap: "in an outer header",
  "encap-full": "in an outer header with a full SRH",
} as const;

/** What a story is told with. */
export interface Teller {
  /** Undefined when there is none: segments then stay numbers. */
  readonly snapshot: TopologySnapshot | undefined;
  /** The network as policies found it; undefined where there is none. */
  readonly networkFor: NetworkFor | undefined;
  readonly services: ReadonlyMap<string, Service>;
  readonly nowMs: number;
  readonly colour: boolean;
}

/** An intent from beginning to end: asked, chosen, on the wire, alive. */
export function intentStory(resource: Resource, teller: Teller): string[] {
  const status = intentStatusOf(resource);
  const intent = intentOf(resource, teller.services);
  const rows = status.conditions.map(({ type, status: truth, reason, message }) => [
    `  ${type}`,
    { text: truth, tone: truth === "True" ? "good" : truth === "False" ? "bad" : "doubtful" } as const,
    reason,
    message,
  ]);
  return [
    `Intent ${resource.name}, generation ${resource.generation}${labelWords(resource)}: ${paint(intentVerdict(status), teller.colour)}`,
    "",
    "Asked",
    ...(intent === undefined ? ["written by another version, see -o yaml"] : askedLines(intent)).map(indent),
    ...status.policies.flatMap((policy) => ["", ...policyStory(policy, intent, resource.generation, teller)]),
    "",
    "Conditions",
    ...renderTable(["  STAGE", "STATUS", "REASON", "MESSAGE"], rows, teller.colour),
  ];
}

function policyStory(policy: PolicyStatus, intent: Intent | undefined, generation: number, teller: Teller): string[] {
  const { candidates, noPath } = policy;
  const title = pairName(policy);
  if (candidates.length === 0) {
    const why = noPath === undefined ? "not computed yet" : `${noPath.reason}: ${noPath.message}`;
    return [`Chosen for ${title}`, `  no path. ${why}`, ...alive(policy, generation, teller)];
  }
  return [
    `Chosen for ${title}`,
    ...candidates.flatMap((candidate, i) => chosen(candidate, i)),
    ...exemptionLines(policy),
    ...whyLines(policy, intent, teller.networkFor),
    ...troubles(policy),
    "",
    "On the wire",
    ...candidates.flatMap((candidate, i) => onTheWire(candidate, i, policy, teller.snapshot?.topology)),
    "",
    ...alive(policy, generation, teller),
  ];
}

function chosen({ nodes, metrics, preference, exact, segmentLists }: CandidateStatus, index: number): string[] {
  const { delayUs, igp, te, hops } = metrics;
  const doubt = exact ? "" : "; a better one may exist, the search was cut short";
  return [
    `  ${role(index)} (preference ${preference}): ${nodes.join(" > ")}`,
    `    delay ${formatMicroseconds(delayUs)}, IGP ${igp}, TE ${te}, ${hops} hops${doubt}`,
    ...segmentLists.slice(1).map((list) => `    beside it: ${(list.nodes ?? nodes).join(" > ")}`),
  ];
}

function exemptionLines({ exemptions }: PolicyStatus): string[] {
  if (exemptions === undefined) return [];
  const shared = [
    ...exemptions.nodes.map((name) => `node ${name}`),
    ...exemptions.links.map((name) => `link ${name}`),
    ...exemptions.srlgs.map((name) => `risk group ${name}`),
  ];
  return shared.length === 0 ? [] : [`  no way around ${shared.join(", ")}`];
}

/** What the stages up to encoding found wrong; later ones belong to the last chapter. */
function troubles({ conditions }: PolicyStatus): string[] {
  const early = ["Computed", "Encoded", "Protected"];
  return conditions
    .filter(({ type, status }) => early.includes(type) && status === "False")
    .map(({ type, reason, message }) => `  ${type} is false: ${reason}: ${message}`);
}

function onTheWire(
  { segmentLists }: CandidateStatus,
  index: number,
  { endpoint }: PolicyStatus,
  topology: Topology | undefined,
): string[] {
  if (segmentLists.length === 0) return [`  ${role(index)}: nothing, it fits no header`];
  const total = segmentLists.reduce((sum, { weight }) => sum + weight, 0);
  return segmentLists.flatMap(({ segments, weight, encapsulation, pin, signingKeyId }) => [
    [
      `  ${role(index)}`,
      HEADERS[encapsulation],
      ...(pin === "strict" ? ["pinned to every link"] : []),
      ...(signingKeyId === undefined ? [] : [`signed with key ${signingKeyId}`]),
      ...(segmentLists.length > 1 ? [`weight ${weight} of ${total}`] : []),
    ].join(", "),
    ...segments.map((segment) => `    ${segment}  ${segmentMeaning(topology, segment)}`),
    ...(encapsulation === "insert" ? [`    and then the packet's own destination, ${endpoint}`] : []),
  ]);
}

function alive(policy: PolicyStatus, generation: number, teller: Teller): string[] {
  const late = ["Pushed", "Installed", "Live"];
  const doubts = policy.conditions
    .filter(({ type, status }) => late.includes(type) && status !== "True")
    .map(({ type, status, reason, message }) => `  ${type} is ${status.toLowerCase()}: ${reason}: ${message}`);
  const notes = policy.conditions
    .filter(({ type, status, reason }) => type === "Installed" && status === "True" && reason !== "Installed")
    .map(({ reason, message }) => `  installed, but ${reason}: ${message}`);
  return [
    "Alive",
    `  ${installedWords(policy, generation)}`,
    ...(policy.activeCandidate === undefined ? [] : [`  ${activeWords(policy)}`]),
    ...policy.candidates.flatMap((candidate, i) => candidateHealth(candidate, i, teller)),
    ...(policy.packets === undefined
      ? []
      : [`  ${formatCount(policy.packets)} packets, ${formatBytes(policy.bytes ?? 0)} steered so far`]),
    ...notes,
    ...doubts,
  ];
}

function installedWords({ host, installedGeneration, conditions }: PolicyStatus, generation: number): string {
  if (installedGeneration === undefined) {
    const answered = conditions.some(({ type, status }) => type === "Pushed" && status === "True");
    return answered ? `${host} does not have it installed` : `${host} is not known to have it installed`;
  }
  if (installedGeneration === generation) return `${host} has generation ${generation} installed`;
  return `${host} still has generation ${installedGeneration} installed, not ${generation}`;
}

function activeWords({ activeCandidate = -1, candidates }: PolicyStatus): string {
  const active = candidates[activeCandidate];
  if (active === undefined) return "no candidate is alive";
  return `packets take the ${role(activeCandidate)} (preference ${active.preference})`;
}

function candidateHealth({ segmentLists }: CandidateStatus, index: number, { nowMs, colour }: Teller): string[] {
  return segmentLists.map((list) => {
    const facts = [
      ...(list.since === undefined ? [] : [`for ${formatAge(nowMs - Date.parse(list.since))}`]),
      ...(list.roundTripUs === undefined ? [] : [`round trip ${formatMicroseconds(list.roundTripUs)}`]),
      ...(list.lossPpm === undefined ? [] : [`loss ${formatLoss(list.lossPpm)}`]),
      ...(list.packets === undefined || segmentLists.length < 2 ? [] : [`${formatCount(list.packets)} packets`]),
    ];
    return `  ${role(index)}: ${[paint(pathStateCell(list), colour), ...facts].join(", ")}`;
  });
}

function role(index: number): string {
  if (index === 0) return "primary";
  return index === 1 ? "backup" : `backup ${index}`;
}

function labelWords({ labels }: Resource): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? "" : `, ${pairs.join(", ")}`;
}

function indent(line: string): string {
  return `  ${line}`;
}
