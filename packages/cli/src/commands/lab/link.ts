import type { LinkName, LinkProperties } from "@sextant/lab";
import { SextantError } from "@sextant/model";
import { Command } from "commander";
import { addLabOptions, chosenLab, type LabChoice } from "./choose-lab";
import { parseDurationUs, parseLossPpm, parseMtu, parseRateMbps } from "./quantities";

interface LinkOptions extends LabChoice {
  readonly link?: string;
  readonly direction?: string;
}

interface ShapeOptions extends LinkOptions {
  readonly delay?: number;
  readonly loss?: number;
  readonly rate?: number;
  readonly mtu?: number;
}

/** `sextant lab link`: breaks links in the ways that links break, and mends them. */
export function labLinkCommand(): Command {
  return new Command("link")
    .description("Break and mend links.")
    .addCommand(downCommand())
    .addCommand(upCommand())
    .addCommand(blackholeCommand())
    .addCommand(restoreCommand())
    .addCommand(setCommand())
    .addHelpText("after", "\nExample:\n  $ sextant lab link blackhole zrh fra");
}

function downCommand(): Command {
  return forLink("down", "Both ends lose carrier, as when a fibre is cut; the IGP reacts after its delay.")
    .addHelpText("after", "\nExample:\n  $ sextant lab link down zrh fra")
    .action(async (a: string, b: string, options: LinkOptions) => {
      await (await chosenLab(options)).linkDown(linkOf(a, b, options));
    });
}

function upCommand(): Command {
  return forLink("up", "Both ends get carrier back.")
    .addHelpText("after", "\nExample:\n  $ sextant lab link up zrh fra")
    .action(async (a: string, b: string, options: LinkOptions) => {
      await (await chosenLab(options)).linkUp(linkOf(a, b, options));
    });
}

function blackholeCommand(): Command {
  return withDirection(forLink("blackhole", "Packets vanish with carrier up: nothing in the network notices."))
    .addHelpText("after", "\nExample:\n  $ sextant lab link blackhole zrh fra --direction zrh-fra")
    .action(async (a: string, b: string, options: LinkOptions) => {
      await (await chosenLab(options)).linkBlackhole(linkOf(a, b, options), senderOf(a, b, options));
    });
}

function restoreCommand(): Command {
  return withDirection(forLink("restore", "Ends a blackhole."))
    .addHelpText("after", "\nExample:\n  $ sextant lab link restore zrh fra")
    .action(async (a: string, b: string, options: LinkOptions) => {
      await (await chosenLab(options)).linkRestore(linkOf(a, b, options), senderOf(a, b, options));
    });
}

function setCommand(): Command {
  return withDirection(forLink("set", "Change delay, loss, rate or MTU; what is not named stays."))
    .option("--delay <time>", "one-way delay, for example 5ms", parseDurationUs)
    .option("--loss <share>", "random loss, for example 1%", parseLossPpm)
    .option("--rate <rate>", "limit, for example 100mbit; none takes it away", parseRateMbps)
    .option("--mtu <bytes>", "largest packet, 1280 to 9000, always in both directions", parseMtu)
    .addHelpText("after", "\nExample:\n  $ sextant lab link set zrh fra --delay 5ms --loss 1% --rate 100mbit")
    .action(async (a: string, b: string, options: ShapeOptions) => {
      const { delay: delayUs, loss: lossPpm, rate: rateMbps, mtu } = options;
      const properties: LinkProperties = { delayUs, lossPpm, rateMbps, mtu };
      if (Object.values(properties).every((value) => value === undefined)) {
        throw new SextantError("invalid_argument", "nothing to set: give --delay, --loss, --rate or --mtu");
      }
      await (await chosenLab(options)).linkSet(linkOf(a, b, options), properties, senderOf(a, b, options));
    });
}

function forLink(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .argument("<a>", "node at one end")
    .argument("<b>", "node at the other")
    .option("--link <name>", "which link, where several join the two");
  return addLabOptions(command);
}

function withDirection(command: Command): Command {
  return command.option(
    "--direction <from-to>",
    "one direction: the two nodes in travel order with '-' between",
    "both",
  );
}

function linkOf(a: string, b: string, { link }: LinkOptions): LinkName {
  return { a, b, link };
}

/** The node whose packets are meant; undefined for both. */
function senderOf(a: string, b: string, { direction = "both" }: LinkOptions): string | undefined {
  if (direction === "both") return undefined;
  if (direction === `${a}-${b}`) return a;
  if (direction === `${b}-${a}`) return b;
  throw new SextantError("invalid_argument", `--direction ${direction}: expected ${a}-${b}, ${b}-${a} or both`);
}
