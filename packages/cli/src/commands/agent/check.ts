import { agentCheck, type CheckFinding, type CheckOptions } from "@sextant/agent";
import type { Command } from "commander";
import { EXIT } from "../../exit-code";
import { addOutputOption } from "../../output/output-option";
import { print, wantsColour } from "../../output/print";
import { paint, renderTable, type Tone } from "../../output/table";
import { instanceCommand, jsonLines, type OutputOptions } from "./instance-command";

const TONES: Readonly<Record<CheckFinding["result"], Tone>> = { ok: "good", warn: "doubtful", fail: "bad" };

/** `sextant agent check`. */
export function agentCheckCommand(): Command {
  const command = instanceCommand("check")
    .description(
      "Whether this host can do what it is asked to and does it: kernel, pins, maps, interfaces, routes, keys.",
    )
    .option("--cgroup-root <path>", "as given to the agent")
    .option("--signing-keys <file>", "as given to the agent")
    .option("--probe", "ask next nodes that nobody has asked for yet: one packet to each")
    .addHelpText(
      "after",
      "\nExit status 3: something failed. Warnings alone leave it 0.\n" +
        "\nExample:\n  $ sextant agent check --instance desk-1",
    );
  return addOutputOption(command, ["table", "json"]).action(run);
}

async function run(options: CheckOptions & OutputOptions): Promise<void> {
  const findings = await agentCheck(options);
  print(options.output === "json" ? jsonLines(findings) : table(findings));
  if (findings.some(({ result }) => result === "fail")) process.exitCode = EXIT.notSatisfied;
}

function table(findings: readonly CheckFinding[]): string[] {
  const colour = wantsColour();
  const rows = findings.map(({ result, check, detail }) => [{ text: result, tone: TONES[result] }, check, detail]);
  const advice = findings.filter(({ next }) => next !== null);
  return [
    ...renderTable(["RESULT", "CHECK", "DETAIL"], rows, colour),
    ...(advice.length === 0 ? [] : ["", "What to do next:"]),
    ...advice.map(
      ({ result, check, next }) => `  ${paint({ text: check, tone: TONES[result] }, colour)}: ${next ?? ""}`,
    ),
  ];
}
