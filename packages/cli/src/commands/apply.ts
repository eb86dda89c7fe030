import { formatIssue, type Issue } from "@sextant/model";
import { Command } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options";
import type { AppliedDocument, ApplyOutcome } from "../edge/operator-client";
import { EXIT } from "../exit-code";
import { renderStructured } from "../output/document";
import { addOutputOption } from "../output/output-option";
import { print } from "../output/print";
import { readSources } from "../read-sources";
import type { Json } from "../resource";
import { withClient } from "../with-client";

interface ApplyOptions extends ConnectionOptions {
  readonly filename: string[];
  readonly dryRun?: boolean;
  readonly output: "text" | "json";
}

/** `sextant apply`: all documents of all files, or none. */
export function applyCommand(): Command {
  const command = new Command("apply")
    .description(
      "Declares topology, intents and services. Every document of every file is checked first; one problem, and nothing is applied.",
    )
    .requiredOption("-f, --filename <path...>", "files, directories, or - for standard input")
    .option("--dry-run", "check only")
    .addHelpText(
      "after",
      `
What sextant get -o yaml prints can be applied as it is: status and metadata.generation are ignored, and a List stands for its items.

Example:
  $ sextant apply -f examples/backbone --dry-run`,
    );
  addOutputOption(command, ["text", "json"]);
  return addConnectionOptions(command).action(run);
}

async function run(options: ApplyOptions): Promise<void> {
  const sources = readSources(options.filename);
  const dryRun = options.dryRun === true;
  const outcome = await withClient(options, (client) => client.apply(sources, dryRun));
  if (outcome.issues.length > 0) process.exitCode = EXIT.badInput;
  if (options.output === "json") print(renderStructured(outcomeAsJson(outcome), "json"));
  else if (outcome.issues.length > 0) process.stderr.write(`${renderIssues(outcome.issues).join("\n")}\n`);
  else print(renderApplied(outcome.applied, dryRun));
}

/** One line per issue, and how many there are. */
export function renderIssues(issues: readonly Issue[]): string[] {
  const count = `${issues.length} ${issues.length === 1 ? "problem" : "problems"}; nothing was applied`;
  return [...issues.map(formatIssue), count];
}

/** One line per document. */
function renderApplied(applied: readonly AppliedDocument[], dryRun: boolean): string[] {
  if (applied.length === 0) return ["the files hold no document: nothing to apply"];
  return applied.map(
    ({ kind, name, action }) => `${kind.toLowerCase()}/${name} ${action}${dryRun ? " (dry run)" : ""}`,
  );
}

function outcomeAsJson({ applied, issues }: ApplyOutcome): Json {
  return {
    applied: applied.map(({ kind, name, action }) => ({ kind, name, action })),
    issues: issues.map(({ code, path, message, at }) => ({ code, path, message, ...at })),
  };
}
