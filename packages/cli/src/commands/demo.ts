import { Command } from "commander";
import { Narrator } from "../demo/narrator";
import { runDemo } from "../demo/run-demo";
import { EXIT } from "../exit-code";
import { print, wantsColour } from "../output/print";

/** `sextant demo`: the main job from end to end, on a network of its own. */
export function demoCommand(): Command {
  return new Command("demo")
    .description(
      "Build a backbone in namespaces, steer two applications over two paths, break a link silently, and prove each step " +
        "on packets. Needs root. Exit status 0 only when everything it claims happened.",
    )
    .option("--keep", "leave the network and the daemons running")
    .addHelpText("after", "\nExample:\n  $ sextant demo --keep")
    .action(run);
}

async function run({ keep = false }: { keep?: boolean }): Promise<void> {
  const narrator = new Narrator(wantsColour());
  const interrupt = new AbortController();
  const abort = () => interrupt.abort();
  process.on("SIGINT", abort).on("SIGTERM", abort);
  try {
    await runDemo(narrator, keep, interrupt.signal);
  } finally {
    process.off("SIGINT", abort).off("SIGTERM", abort);
  }
  const { claims } = narrator;
  const failed = claims.filter(({ holds }) => !holds);
  print(["", `${claims.length - failed.length} of ${claims.length} claims hold`]);
  process.exitCode = failed.length === 0 ? EXIT.ok : EXIT.failed;
}
