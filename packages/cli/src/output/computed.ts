import {
  type CandidateView,
  formatMs,
  type IntentView,
  pairName,
  pathText,
  type PolicyView,
} from "@sextant/controller";
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
  const paths = candidates.flatMap(pathsOf);
  return candidates.flatMap((candidate, i) =>
    listRows(candidate, paths).map((cells, j) =>
      i + j === 0 ? [host, target, how, ...cells] : ["", "", "", ...cells],
    ),
  );
}

interface Path {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
}

/** The path of each segment list, or of the candidate where it has none. */
function pathsOf({ nodes, links, segmentLists }: CandidateView): Path[] {
  if (segmentLists.length === 0) return [{ nodes, links }];
  return segmentLists.map((list) => ({ nodes: list.nodes ?? nodes, links: list.links ?? links }));
}

/** A row per segment list, with its weight where there are several. `all` are the paths of the policy. */
function listRows(candidate: CandidateView, all: readonly Path[]): Cell[][] {
  const { preference, metrics, segmentLists } = candidate;
  const texts = pathsOf(candidate).map((path) => {
    const same = (other: Path) => other.nodes.join(" ") === path.nodes.join(" ");
    return pathText(
      path,
      all.find((other) => same(other) && other.links.join(" ") !== path.links.join(" ")),
    );
  });
  if (segmentLists.length === 0) {
    return [[String(preference), formatMs(metrics.delayUs), texts[0] ?? "", { text: "none", tone: "bad" }]];
  }
  return segmentLists.map((list, i) => {
    const isOnly = list.nodes === undefined;
    const rank = i === 0 ? String(preference) : "";
    return [
      isOnly ? rank : `${rank} x${list.weight}`.trim(),
      formatMs((list.metrics ?? metrics).delayUs),
      texts[i] ?? "",
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
