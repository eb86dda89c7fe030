import type { Command } from "commander";

const WIDTH = 110;

const INTRODUCTION = `# The command \`sextant\`

Generated from the command definitions by \`make gen\`. \`-o json\` prints the fields that
[documents.md](documents.md) and [status.md](status.md) describe; they are stable.

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | bad input: a document, a name, a value |
| 2 | wrong usage of the command line |
| 3 | the question was answered, and the answer is no: for example no path satisfies the intent |
| 4 | controller not reachable, or access refused |
| 5 | anything else: a missing privilege, a kernel without a feature, a bug |

Errors are one line on stderr; \`--debug\` adds where they come from. Colours appear on a terminal only, and not when \`NO_COLOR\` is set.`;

/** docs/reference/cli.md: the help of every command, as it is printed. */
export function cliPage(program: Command): string {
  return `${[INTRODUCTION, ...commandSections(program, "")].join("\n\n")}\n`;
}

function commandSections(command: Command, prefix: string): string[] {
  const path = `${prefix}${command.name()}`;
  const children = command.commands.filter((child) => child.name() !== "help");
  return [
    `## ${path}\n\n\`\`\`\n${helpText(command)}\n\`\`\``,
    ...children.flatMap((child) => commandSections(child, `${path} `)),
  ];
}

/** What `--help` prints, at a fixed width. */
function helpText(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}
