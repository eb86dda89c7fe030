import { formatMs } from "../topology/metric-units";
import type { MetricsView } from "../pipeline/intent-view";
import type { CandidateExplanation, PolicyExplanation, SegmentExplanation } from "./explain-policy";

const GAP = "  ";

/** An explanation as lines for people. */
export function explainText(explanation: PolicyExplanation): string[] {
  const { intent, generation, host, endpoint, egress, objective, candidates, noPath, binding, igpPath } = explanation;
  const behind = egress === undefined || egress === endpoint ? "" : ` (behind ${egress})`;
  const lines = [`Intent ${intent}, generation ${generation}: ${host} to ${endpoint}${behind}, least ${objective}`];
  if (noPath !== undefined) lines.push("", `No path. ${noPath.reason}: ${noPath.message}`);
  candidates.forEach((candidate, i) => lines.push("", ...candidateLines(candidate, i === 0)));
  if (candidates.length > 0) lines.push("", "Binding constraints");
  if (candidates.length > 0 && binding.length === 0) lines.push(`${GAP}none: the best path of all satisfies them`);
  for (const { constraint, without } of binding) {
    lines.push(`${GAP}${constraint}: without it ${without.nodes.join(" ")}, ${shortMetrics(without.metrics)}`);
  }
  lines.push("", "Plain routing would take");
  if (igpPath === undefined) lines.push(`${GAP}no way either`);
  else {
    const spread = igpPath.ecmp ? ", one of several equal ways" : "";
    lines.push(`${GAP}${igpPath.nodes.join(" ")}, ${shortMetrics(igpPath.metrics)}${spread}`);
    for (const broken of igpPath.breaks) lines.push(`${GAP}which ${broken}`);
  }
  return lines;
}

function candidateLines(candidate: CandidateExplanation, primary: boolean): string[] {
  const { preference, exact, hops, segments, notEncoded } = candidate;
  const role = primary ? "primary" : "backup";
  const doubt = exact ? "" : ", not proved to be the best: the search hit its work limit";
  const rows = hops.map(({ link, to, sums }, i) => [String(i + 1), link, to, ...metricCells(sums)]);
  const start = ["", "", hops[0]?.from ?? "", "", "", "", "", "", "", ""];
  const header = ["HOP", "OVER", "TO", "DELAY", "IGP", "TE", "JITTER", "LOSS PPM", "NARROWEST"];
  return [
    `Candidate ${preference}, ${role}${doubt}`,
    ...table([header, start, ...rows]).map((line) => GAP + line),
    ...(notEncoded === undefined ? table(segments.map(segmentCells)) : [`not encoded: ${notEncoded}`]).map(
      (line) => GAP + line,
    ),
  ];
}

function segmentCells(segment: SegmentExplanation): string[] {
  const meaning =
    segment.kind === "node"
      ? `to ${segment.node} by IGP`
      : `to ${segment.node} by IGP, then over link ${segment.link ?? ""} to ${segment.endsAt}`;
  return ["segment", segment.sid, meaning];
}

function metricCells(sums: MetricsView): string[] {
  const { delayUs, igp, te, jitterUs, lossPpm, bottleneckMbps } = sums;
  const narrowest = bottleneckMbps === undefined ? "unlimited" : `${bottleneckMbps} Mbit/s`;
  return [formatMs(delayUs), String(igp), String(te), formatMs(jitterUs), String(lossPpm), narrowest];
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
