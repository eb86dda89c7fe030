import { type LocalOptions, uninstallAgent } from "@sextant/agent";
import type { Command } from "commander";
import { print } from "../../output/print";
import { instanceCommand } from "./instance-command";

/** `sextant agent uninstall`. */
export function agentUninstallCommand(): Command {
  return instanceCommand("uninstall")
    .description("Take an instance off this host: programs, maps and state. Traffic is routed plainly from then on.")
    .addHelpText("after", "\nExample:\n  $ sextant agent uninstall --instance desk-1")
    .action(async (options: LocalOptions) => {
      await uninstallAgent(options);
      print([`agent/${options.instance} uninstalled`]);
    });
}
