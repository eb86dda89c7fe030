import { type CandidateView, formatMs, type IntentView, type PolicyView } from "@sextant/controller";
import { type Cell, renderTable } from "./table";

const INDENT = "  ";

/** Computed intents for people: a heading per intent, a table row per candidate, and what is not as asked. */
export function renderComputed(intents: readonly IntentView[], colour: boolean): string[] {
  if (intents.length === 0) return ["no intents in these files"];
  return intents.flatMap((intent, i) => [...(i === 0 ? [] : [""]), ...renderIntent(intent, colour)]);
}

function renderIntent(intent: IntentView, colour: boolean): string[] {
  const rows = intent.policies.flatMap(policyRows);
  const table = rows.length === 0 ? [] : renderTable(["FROM", "TO", "PREF", "DELAY", "PATH", "SEGMENTS"], rows, colour);
  return [`intent/${intent.name}`, ...[...table, ...notes(intent)].map((line) => INDENT + line)];
}

function policyRows({ host, endpoint, candidates }: PolicyView): Cell[][] {
  if (candidates.length === 0) return [[host, endpoint, "-", "-", { text: "no path", tone: "bad" }, "-"]];
  return candidates.map((candidate, i) => [
    i === 0 ? host : "",
    i === 0 ? endpoint : "",
    String(candidate.preference),
    formatMs(candidate.metrics.delayUs),
    candidate.nodes.join(" "),
    segmentsCell(candidate),
  ]);
}

function segmentsCell({ segmentLists }: CandidateView): Cell {
  if (segmentLists.length === 0) return { text: "none", tone: "bad" };
  return segmentLists.map(({ segments }) => segments.join(" ")).join(" | ");
}

/** One line per condition that does not hold; conditions of the intent alone when it has no policies. */
function notes({ policies, conditions }: IntentView): string[] {
  const failed = (list: IntentView["conditions"], where: string) =>
    list.filter(({ status }) => status === "False").map(({ reason, message }) => `${where}${reason}: ${message}`);
  const own = policies.flatMap((policy) => failed(policy.conditions, `${policy.host} to ${policy.endpoint}: `));
  const unsaid = conditions.filter(({ reason }) => reason === "UnknownHost" || reason === "NothingSelected");
  return [...own, ...failed(unsaid, "")];
}
