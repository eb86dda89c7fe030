import { EFFECTS, type Effect, formatMs, type Impact, pathText, type ScenarioReport } from "@sextant/controller";
import { type Cell, renderTable, type Tone } from "../output/table";

/** Policies shown of one scenario. */
const SHOWN_IMPACTS = 20;

const WORDS: Readonly<Record<Effect, string>> = {
  breaks: "breaks",
  interrupted: "is interrupted",
  losesProtection: "loses protection",
  moves: "moves",
  removed: "removed",
  added: "added",
  restored: "has a path again",
  gainsProtection: "gains protection",
};
const BAD: readonly Effect[] = ["breaks", "interrupted"];

/** What all changes together do: counts, then the policies that they touch, the worst first. */
export function renderScenario(report: ScenarioReport, colour: boolean): string[] {
  const { name, impacts } = report;
  const more = impacts.length > SHOWN_IMPACTS ? [`and ${impacts.length - SHOWN_IMPACTS} more`] : [];
  const rows = impacts.slice(0, SHOWN_IMPACTS).map(impactRow);
  const table = rows.length === 0 ? [] : renderTable(["INTENT", "FROM", "TO", "WHAT", "BEFORE", "AFTER"], rows, colour);
  return [`${name}: ${countText(report)}`, ...table, ...more];
}

/** One row per scenario, the worst first. */
export function renderScenarios(reports: readonly ScenarioReport[], examined: number, colour: boolean): string[] {
  const rows = reports.map((report): Cell[] => {
    const { name, counts, mlu, impacts } = report;
    const [worst] = impacts;
    return [
      name,
      ...(["breaks", "interrupted", "losesProtection", "moves"] as const).map((effect) =>
        countCell(effect, counts[effect]),
      ),
      mlu === undefined ? "-" : `${mlu.afterPercent.toFixed(1)} %`,
      worst === undefined
        ? "-"
        : `${worst.intent}: ${worst.host} to ${worst.endpoint} ${WORDS[worst.effects[0] ?? "moves"]}`,
    ];
  });
  const header = ["SCENARIO", "BREAK", "INTERRUPTED", "LOSE PROTECTION", "MOVE", "MLU", "WORST"];
  const left = examined - reports.length;
  return [...renderTable(header, rows, colour), ...(left > 0 ? [`and ${left} more that are not worse`] : [])];
}

function countText({ counts, mlu }: ScenarioReport): string {
  const told = EFFECTS.filter((effect) => counts[effect] > 0).map((effect) => `${counts[effect]} ${nounOf(effect)}`);
  const load = mlu === undefined ? [] : [`MLU ${mlu.beforePercent.toFixed(1)} % to ${mlu.afterPercent.toFixed(1)} %`];
  return [...(told.length === 0 ? ["nothing changes"] : told), ...load].join(", ");
}

function nounOf(effect: Effect): string {
  const nouns: Readonly<Record<Effect, string>> = {
    breaks: "break",
    interrupted: "interrupted",
    losesProtection: "lose protection",
    moves: "move",
    removed: "removed",
    added: "added",
    restored: "have a path again",
    gainsProtection: "gain protection",
  };
  return nouns[effect];
}

function countCell(effect: Effect, count: number): Cell {
  if (count === 0) return { text: "0", tone: "faint" };
  return { text: String(count), tone: toneOf(effect) };
}

function impactRow({ intent, host, endpoint, direction, effects, before, after, reason }: Impact): Cell[] {
  const to = direction === "return" ? `${endpoint}, return` : endpoint;
  const what = effects.map((effect) => WORDS[effect]).join(", ");
  return [
    intent,
    host,
    to,
    { text: what, tone: toneOf(effects[0] ?? "moves") },
    stateText(before, after),
    stateText(after, before, reason),
  ];
}

function stateText(state: Impact["before"], beside: Impact["before"], reason?: string): string {
  if (state === undefined) return reason === undefined ? "-" : `no path: ${reason}`;
  const { metrics } = state;
  return `${pathText(state, beside)} (${formatMs(metrics.delayUs)})`;
}

function toneOf(effect: Effect): Tone {
  if (BAD.includes(effect)) return "bad";
  return effect === "losesProtection" ? "doubtful" : "plain";
}
