import { Lab } from "@sextant/lab";
import { Command } from "commander";
import { addLabOptions, chosenName, type LabChoice } from "./choose-lab";

/** `sextant lab down`: nothing of the lab stays, and nothing to do is fine. */
export function labDownCommand(): Command {
  const command = new Command("down")
    .description("Remove a lab: its processes, namespaces, cgroups, pinned programs and files. None there is fine.")
    .option("--all", "every lab that is up")
    .addHelpText("after", "\nExample:\n  $ sextant lab down --name backbone");
  return addLabOptions(command).action(async (options: LabChoice & { all?: boolean }) => {
    const names = options.all === true ? await Lab.list() : [await chosenName(options)];
    for (const name of names) {
      const there = name !== undefined && (await Lab.down(name));
      process.stdout.write(there ? `lab ${name} is gone\n` : "no such lab is up: nothing to do\n");
    }
  });
}
