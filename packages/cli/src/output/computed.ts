import { type CandidateView, formatMs, type IntentView, pairName, type PolicyView } from "@sextant/controller";
import { type Cell, renderTable } from "./table";

const INDENT = "  ";

/** Computed intents for people: a heading per intent, a table row per candidate, and what is not as asked. */
export function renderComputed(intents: readonly IntentView[], colour: boolean): string[] {
  if (intents.length === 0) return ["no intents in these files"];
  return intents.flatMap((intent, i) => [...(i === 0 ? [] : [""]), ...renderIntent(intent, colour)]);
}

function renderIntent(intent: IntentView, colour: boolean): string[] {
  const rows = intent.policies.flatMap(policyRows);
  const table =
    rows.length === 0 ? [] : renderTable(["FROM", "TO", "MODE", "PREF", "DELAY", "PATH", "SEGMENTS"], rows, colour);
  return [`intent/${intent.name}`, ...[...table, ...notes(intent)].map((line) => INDENT + line)];
}

function policyRows(policy: PolicyView): Cell[][] {
  const { host, candidates, mode } = policy;
  const target = `${policy.endpoint}${policy.direction === "return" ? ", return" : ""}`;
  const how: Cell = mode ?? { text: "none", tone: "bad" };
  if (candidates.length === 0) return [[host, target, "-", "-", "-", { text: "no path", tone: "bad" }, "-"]];
  return candidates.flatMap((candidate, i) =>
    listRows(candidate).map((cells, j) => (i + j === 0 ? [host, target, how, ...cells] : ["", "", "", ...cells])),
  );
}

/** A row per segment list, with its weight where there are several. */
function listRows({ preference, nodes, metrics, segmentLists }: CandidateView): Cell[][] {
  const own = [String(preference), formatMs(metrics.delayUs), nodes.join(" ")];
  if (segmentLists.length === 0) return [[...own, { text: "none", tone: "bad" }]];
  return segmentLists.map((list, i) => {
    const isOnly = list.nodes === undefined;
    const rank = i === 0 ? String(preference) : "";
    return [
      isOnly ? rank : `${rank} x${list.weight}`.trim(),
      formatMs((list.metrics ?? metrics).delayUs),
      (list.nodes ?? nodes).join(" "),
      list.segments.join(" "),
    ];
  });
}

/** One line per condition that does not hold; conditions of the intent alone when it has no policies. */
function notes({ policies, conditions }: IntentView): string[] {
  const failed = (list: IntentView["conditions"], where: string) =>
    list.filter(({ status }) => status === "False").map(({ reason, message }) => `${where}${reason}: ${message}`);
  const own = policies.flatMap((policy) => failed(policy.conditions, `${pairName(policy)}: `));
  const unsaid = conditions.filter(({ reason }) => reason === "UnknownHost" || reason === "NothingSelected");
  return [...own, ...failed(unsaid, "")];
}
