import { Command } from "commander";
import { agentCheckCommand } from "./agent/check";
import { agentCountersCommand } from "./agent/counters";
import { agentPathsCommand } from "./agent/paths";
import { agentRunCommand } from "./agent/run";
import { agentStatusCommand } from "./agent/status";
import { agentTraceCommand } from "./agent/trace";
import { agentUninstallCommand } from "./agent/uninstall";

/** `sextant agent`: runs the agent of this host, shows what it does, takes it off again. */
export function agentCommand(): Command {
  return new Command("agent")
    .description("The agent of this host: steers each application's packets, watches the paths, leaves dead ones.")
    .addCommand(agentRunCommand())
    .addCommand(agentStatusCommand())
    .addCommand(agentPathsCommand())
    .addCommand(agentCountersCommand())
    .addCommand(agentTraceCommand())
    .addCommand(agentCheckCommand())
    .addCommand(agentUninstallCommand())
    .addHelpText("after", "\nExample:\n  $ sextant agent run --host desk-1 --controller 127.0.0.1:7443");
}
