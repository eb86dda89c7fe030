import { constants } from "node:os";
import { SextantError } from "@sextant/model";
import { Command } from "commander";
import { addLabOptions, chosenLab, type LabChoice } from "./choose-lab";

/** `sextant lab exec`: a command inside a node, as if one had logged in there. */
export function labExecCommand(): Command {
  const command = new Command("exec")
    .description("Run a command in a node's namespace; on hosts in a cgroup of their own. Gives its exit status.")
    .argument("<node>", "router or host")
    .argument("<command...>", "after --: the command and its arguments")
    .option("--cgroup <path>", "cgroup below the host's own, created when missing")
    .addHelpText("after", "\nExample:\n  $ sextant lab exec desk-1 --cgroup apps/video -- ping -c 3 2001:db8:c::1");
  return addLabOptions(command).action(run);
}

async function run(node: string, argv: readonly string[], options: LabChoice & { cgroup?: string }): Promise<void> {
  const lab = await chosenLab(options);
  const child = lab.spawn(node, argv, { cgroup: options.cgroup, stdio: "inherit" });
  // A terminal's interrupt reaches the child as well: it decides what to do. Others are passed on.
  const ignore = () => undefined;
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", ignore).on("SIGTERM", passOn);
  try {
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } catch (thrown) {
    throw SextantError.from(thrown, "lab_failed");
  } finally {
    process.off("SIGINT", ignore).off("SIGTERM", passOn);
  }
}
