import { formatMs, formatPercent } from "../topology/metric-units";
import type { MetricsView } from "../pipeline/intent-view";
import { type NamedPath, pathText } from "./path-text";
import type { RunnerUp } from "./runner-up";
import type { SlackView } from "./slack";
import type { CandidateExplanation, PathExplanation, PolicyExplanation, SegmentExplanation } from "./explain-policy";

const GAP = "  ";

/** An explanation as lines for people. */
export function explainText(explanation: PolicyExplanation): string[] {
  const { candidates, noPath, binding, slack, runnerUp, mode, conditions } = explanation;
  const lines = [headline(explanation)];
  if (noPath !== undefined) lines.push("", `No path. ${noPath.reason}: ${noPath.message}`);
  const unencoded = conditions.find(({ type, status }) => type === "Encoded" && status === "False");
  if (mode === undefined && unencoded !== undefined) lines.push("", `${unencoded.reason}: ${unencoded.message}`);
  candidates.forEach((candidate, i) => lines.push("", ...candidateLines(candidate, i === 0)));
  if (candidates.length > 0) lines.push("", "Binding constraints");
  if (candidates.length > 0 && binding.length === 0) lines.push(`${GAP}none: the best path of all satisfies them`);
  const primary = namedPath(candidates[0]);
  for (const { constraint, without } of binding) {
    lines.push(`${GAP}${constraint}: without it ${pathText(without, primary)}, ${shortMetrics(without.metrics)}`);
  }
  if (slack.length > 0) lines.push("", "Bounds", ...slackLines(slack));
  if (candidates.length > 0) lines.push("", "Runner-up", `${GAP}${runnerUpText(runnerUp, primary)}`);
  return [...lines, "", "Plain routing would take", ...plainLines(explanation, primary)];
}

function namedPath(candidate: CandidateExplanation | undefined): NamedPath | undefined {
  if (candidate === undefined) return undefined;
  const { hops } = candidate;
  return { nodes: [hops[0]?.from ?? "", ...hops.map(({ to }) => to)], links: hops.map(({ link }) => link) };
}

function slackLines(slack: readonly SlackView[]): string[] {
  const rows = slack.map(({ constraint, limit, value, slack: room }) => [
    `${constraint} ${limit}`,
    `has ${value ?? "no limit"}`,
    room === undefined ? "" : `${room} to spare`,
  ]);
  return table(rows).map((line) => GAP + line);
}

function runnerUpText(runnerUp: RunnerUp | undefined, primary: NamedPath | undefined): string {
  if (runnerUp === undefined) return "none: no other path satisfies the constraints";
  const { metrics, lostBy } = runnerUp;
  return `${pathText(runnerUp, primary)}, ${shortMetrics(metrics)}: ${lossText(lostBy, metrics)}`;
}

/** With its value where that is not among the short metrics. */
function lossText(lostBy: string, metrics: MetricsView): string {
  const { jitterUs, lossPpm, utilisationPercent = 0 } = metrics;
  switch (lostBy) {
    case "linkNames":
      return "equal in all, and its link names come later";
    case "protection":
      return "better alone, but with worse backups or none";
    case "jitter":
      return `lost by jitter, ${formatMs(jitterUs)}`;
    case "loss":
      return `lost by loss, ${formatPercent(lossPpm)}`;
    case "bandwidth":
      return `lost by bandwidth, ${narrowestText(metrics)}`;
    case "utilisation":
      return `lost by utilisation, ${utilisationPercent} %`;
    default:
      return `lost by ${lostBy}`;
  }
}

function headline({
  intent,
  generation,
  host,
  endpoint,
  direction,
  egress,
  objective,
  mode,
}: PolicyExplanation): string {
  const behind = egress === undefined || egress === endpoint ? "" : ` (behind ${egress})`;
  const back = direction === "return" ? ", the way back" : "";
  const how = mode === undefined ? "" : `, ${mode}`;
  return `Intent ${intent}, generation ${generation}: ${host} to ${endpoint}${behind}${back}, by ${objective}${how}`;
}

function plainLines({ igpPath }: PolicyExplanation, primary: NamedPath | undefined): string[] {
  if (igpPath === undefined) return [`${GAP}no way either`];
  const spread = igpPath.ecmp ? ", one of several equal ways" : "";
  return [
    `${GAP}${pathText(igpPath, primary)}, ${shortMetrics(igpPath.metrics)}${spread}`,
    ...igpPath.breaks.map((broken) => `${GAP}which ${broken}`),
  ];
}

function candidateLines(candidate: CandidateExplanation, primary: boolean): string[] {
  const { preference, beside } = candidate;
  const role = primary ? "primary" : "backup";
  const paths = [candidate, ...beside];
  const total = paths.reduce((sum, { weight }) => sum + weight, 0);
  return paths.flatMap((path, i) => {
    const share = beside.length === 0 ? "" : `, path ${i + 1} of ${paths.length}, weight ${path.weight} of ${total}`;
    const doubt = path.exact ? "" : ", not proved to be the best: the search hit its work limit";
    return [...(i === 0 ? [] : [""]), `Candidate ${preference}, ${role}${share}${doubt}`, ...pathLines(path)];
  });
}

function pathLines({ hops, via, pin, segments, wire, notEncoded }: PathExplanation): string[] {
  const isUtilised = hops.some(({ sums }) => sums.utilisationPercent !== undefined);
  const rows = hops.map(({ link, to, sums }, i) => {
    const fullest = isUtilised ? [`${sums.utilisationPercent ?? 0} %`] : [];
    return [String(i + 1), link, to, ...metricCells(sums), ...fullest];
  });
  const start = ["", "", hops[0]?.from ?? ""];
  const header = ["HOP", "OVER", "TO", "DELAY", "IGP", "TE", "JITTER", "LOSS PPM", "NARROWEST"];
  if (isUtilised) header.push("FULLEST");
  const isPacked = segments.some(({ sid }, i) => wire[i] !== sid);
  const encoded = [
    ...segments.map(segmentCells),
    ...(isPacked ? wire.map((carrier) => ["carrier", carrier, "these, packed"]) : []),
  ];
  const below = notEncoded === undefined ? table(encoded) : [`not encoded: ${notEncoded}`];
  const services = via.flatMap(({ node, service, instance }) =>
    service === undefined ? [] : `service ${service} at ${node}: instance ${instance ?? ""}`,
  );
  const pinned = pin === "strict" ? ["pinned: no link between routers is left to the IGP"] : [];
  return [...table([header, start, ...rows]), ...services, ...pinned, ...below].map((line) => GAP + line);
}

function segmentCells(segment: SegmentExplanation): string[] {
  return ["segment", segment.sid, meaningOf(segment)];
}

function meaningOf({ kind, node, algorithm, link, binding, links, endsAt }: SegmentExplanation): string {
  const by = algorithm === undefined ? "by IGP" : `by algorithm ${algorithm}`;
  switch (kind) {
    case "node":
      return `to ${node} ${by}`;
    case "adjacency":
      return `to ${node} ${by}, then over link ${link ?? ""} to ${endsAt}`;
    case "binding":
      return `to ${node} by IGP, which takes it as ${binding ?? ""} over ${(links ?? []).join(", ")} to ${endsAt}`;
    case "decapsulation":
      return `to ${node} by IGP, which takes the outer header off`;
  }
}

function metricCells(sums: MetricsView): string[] {
  const { delayUs, igp, te, jitterUs, lossPpm } = sums;
  return [formatMs(delayUs), String(igp), String(te), formatMs(jitterUs), String(lossPpm), narrowestText(sums)];
}

function narrowestText({ bottleneckMbps }: MetricsView): string {
  return bottleneckMbps === undefined ? "unlimited" : `${bottleneckMbps} Mbit/s`;
}

function shortMetrics({ delayUs, igp, te, hops }: MetricsView): string {
  return `${formatMs(delayUs)}, igp ${igp}, te ${te}, ${hops} hops`;
}

/** Columns as wide as their widest cell; no trailing blanks. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
