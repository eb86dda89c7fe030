import { Command } from "commander";
import { COMMANDS } from "./command-table";
import { VERSION } from "./version";

const EPILOGUE = `
Exit status: 0 done, 1 bad input, 2 wrong usage, 3 asked for something that cannot be satisfied, 4 controller not reachable
or access refused, 5 anything else.

Example:
  $ sextant apply -f examples/diamond && sextant get intents -w`;

/**
 * The command line. Only the subcommand called for is loaded; the others are known by name. Without `wanted` all are loaded,
 * as the reference page needs them.
 */
export function buildProgram(wanted?: (name: string) => boolean): Command {
  const program = new Command("sextant")
    .description("Declare an intent; the packets take its path.")
    .version(VERSION, "--version", "print the version")
    .option("--debug", "show the stack of an error")
    .addHelpText("after", EPILOGUE);
  for (const { name, summary, load } of COMMANDS) {
    if (wanted === undefined || wanted(name)) program.addCommand(load().summary(summary));
    else program.command(name).description(summary);
  }
  return program;
}
