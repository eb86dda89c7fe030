import { Command } from "commander";
import { addLabOptions, chosenLab, type LabChoice } from "./choose-lab";
import { parseDurationUs } from "./quantities";

/** `sextant lab igp`: how fast plain routing reacts. */
export function labIgpCommand(): Command {
  const command = new Command("igp")
    .description("Change how long the IGP takes from a change of carrier to new routes; holds for changes from now on.")
    .requiredOption("--delay <time>", "for example 50ms", (text: string) => parseDurationUs(text) / 1_000)
    .addHelpText("after", "\nExample:\n  $ sextant lab igp --delay 50ms");
  return addLabOptions(command).action(async (options: LabChoice & { delay: number }) => {
    await (await chosenLab(options)).setIgpDelay(options.delay);
  });
}
