import { DEFAULT_STATE_DIR } from "@sextant/agent";
import { Command } from "commander";

/** A command about one instance on this host. */
export function instanceCommand(name: string): Command {
  return new Command(name)
    .requiredOption("--instance <name>", "name of pins and state")
    .option("--state-dir <dir>", "directory of the state", DEFAULT_STATE_DIR);
}

/** What is printed: a table, a wide one, or JSON. */
export interface OutputOptions {
  readonly output: "table" | "wide" | "json";
}

/** Lines of a value as indented JSON. */
export function jsonLines(value: unknown): string[] {
  return JSON.stringify(value, null, 2).split("\n");
}
