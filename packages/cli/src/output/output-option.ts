import { type Command, Option } from "commander";

/** Adds `-o` with the formats given; the first is the default. */
export function addOutputOption(command: Command, formats: readonly string[]): Command {
  return command.addOption(
    new Option("-o, --output <format>", "output format").choices([...formats]).default(formats[0] ?? "table"),
  );
}
