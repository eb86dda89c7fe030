import { SextantError } from "@sextant/model";
import { type Command, CommanderError } from "commander";
import { EXIT, exitCodeOf } from "./exit-code";
import { buildProgram } from "./program";

/** Runs one command line and gives its exit status. Errors go to stderr in one line; `--debug` shows where they come from. */
export async function main(args: readonly string[]): Promise<number> {
  const program = buildProgram((name) => args.includes(name));
  throwInsteadOfExiting(program);
  if (args.length === 0) {
    program.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : EXIT.ok;
  } catch (error) {
    // Commander has printed its own message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(error, args.includes("--debug"));
  }
}

function throwInsteadOfExiting(command: Command): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`(sextant ${pathOf(command)}--help shows usage)`);
  for (const child of command.commands) throwInsteadOfExiting(child);
}

function pathOf(command: Command): string {
  return command.parent === null ? "" : `${pathOf(command.parent)}${command.name()} `;
}

function report(thrown: unknown, debug: boolean): number {
  const error = SextantError.from(thrown);
  process.stderr.write(`sextant: ${error.message}\n`);
  if (debug) process.stderr.write(`${stackOf(error)}\n`);
  else if (error.code === "internal") process.stderr.write("This should not happen: --debug shows where it did.\n");
  return exitCodeOf(error.code);
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

if (require.main === module) {
  // A reader that has seen enough, as in `sextant get intents | head`, is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed),
  );
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
