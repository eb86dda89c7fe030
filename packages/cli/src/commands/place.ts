import { basename } from "node:path";
import { formatIssue, SextantError } from "@sextant/model";
import { lowerBound, place, type Placement } from "@sextant/placement";
import { Command, InvalidArgumentError } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options";
import { EXIT } from "../exit-code";
import { addOutputOption } from "../output/output-option";
import { print, wantsColour } from "../output/print";
import { livePlacementInput } from "../placement/live-input";
import { type Faulty, loadPlacementInput, type PlacementInput } from "../placement/load-input";
import { loadStart } from "../placement/load-start";
import { type PlacementReport, renderPlacement, renderPlacementJson } from "../placement/render";
import { Ticker } from "../placement/ticker";
import { withClient } from "../with-client";

const DEFAULT_MIDPOINTS = 2;

interface PlaceCommandOptions extends ConnectionOptions {
  readonly topology?: string;
  readonly demands?: string;
  readonly maxMidpoints: number;
  readonly from?: string;
  readonly maxMoves?: number;
  readonly lowerBound?: true;
  readonly output: "table" | "json";
}

/** Without a start everything goes plainly at first. */
interface StartedInput extends PlacementInput {
  readonly start?: Placement;
}

const EPILOGUE = `
A topology is a document of kind Topology, or a REPETITA file that ends in .graph; demands are documents of kind Demands, or a REPETITA
file that ends in .demands. Without both, the network is that of the controller, and the demands are what its intents reserve, measured ones as
they were measured last, each on the lists that carry it now; nothing is changed there. Traffic follows the IGP's shortest ways and splits evenly over equal ones. The highest link utilisation
(MLU) is made small with segment lists of at most --max-midpoints nodes; a demand may be split over several lists by weight.

With --from the network already carries a placement, which is the output of an earlier run with -o json; demands that it does not know, or
whose lists lead nowhere any more, go plainly. --max-moves limits how many demands change their lists. Moves are listed in an order in which no link is overbooked on the way:
while a demand moves, each link carries the greater of what it carried of it before and after. Demands that no order can move stay
where they are and are named.

With -o json: {instance, ecmpMlu, startMlu, mlu, lowerBound?, maxMidpoints, seconds, moved: [name], blocked: [{demand, link}],
peakMlu, unroutable: [name], lists: [{demand, from, to, mbps, lists: [{weight, midpoints: [node]}]}]}. maxMidpoints is the most that any
list has, moved is in order, lists has every demand, with an empty list for those that nothing can carry. What a controller's intents have now and keep
comes with the links of its path, links: ["NAME:FROM>TO"], instead of midpoints. All of it is one line.

Exit status: 0 placed, 1 the files have issues (nothing is computed), 3 placed, but some demand has no way.

Example:
  $ sextant place --topology examples/backbone/topology.yaml --demands examples/backbone/try/demands.yaml`;

/** `sextant place`: segment lists that keep the fullest link as empty as possible. */
export function placeCommand(): Command {
  const command = new Command("place")
    .description("Places bandwidth demands: segment lists that keep the highest link utilisation low.")
    .option("-t, --topology <file>", "Topology document or REPETITA .graph file")
    .option("-d, --demands <file>", "Demands documents or REPETITA .demands file")
    .option("--max-midpoints <count>", "midpoints per list: 0, 1 or 2", midpointsOf, DEFAULT_MIDPOINTS)
    .option("--from <file>", "begin with this placement, the output of -o json")
    .option("--max-moves <count>", "change the lists of at most so many demands", wholeOf)
    .option("--lower-bound", "compute what no routing at all can beat")
    .addHelpText("after", EPILOGUE);
  addOutputOption(command, ["table", "json"]);
  return addConnectionOptions(command).action(run);
}

function wholeOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number, 0 or more.");
}

function midpointsOf(text: string): number {
  if (/^[012]$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be 0, 1 or 2.");
}

async function run(options: PlaceCommandOptions): Promise<void> {
  const input = await inputOf(options);
  if ("issues" in input) {
    process.stderr.write(`${input.issues.map(formatIssue).join("\n")}\n`);
    process.exitCode = EXIT.badInput;
    return;
  }
  const report = await compute(input, options);
  if (report.placed.after.unroutable.length > 0) process.exitCode = EXIT.notSatisfied;
  print(options.output === "json" ? renderPlacementJson(input, report) : renderPlacement(input, report, wantsColour()));
}

async function inputOf(options: PlaceCommandOptions): Promise<StartedInput | Faulty> {
  const input = await networkAndDemands(options);
  if (options.from === undefined || "issues" in input) return input;
  const started = loadStart(options.from, input);
  return "issues" in started ? started : { ...input, start: started.placement };
}

async function networkAndDemands(options: PlaceCommandOptions): Promise<StartedInput | Faulty> {
  const { topology, demands } = options;
  if (topology !== undefined && demands !== undefined) return loadPlacementInput(topology, demands);
  if (topology === undefined && demands === undefined) return withClient(options, livePlacementInput);
  const missing = topology === undefined ? "--topology" : "--demands";
  throw new SextantError("invalid_argument", `give ${missing} too; without both, the controller is asked`);
}

async function compute(
  { network, demands, start }: StartedInput,
  options: PlaceCommandOptions,
): Promise<PlacementReport> {
  const ticker = new Ticker((line) => process.stderr.write(`sextant: ${line}\n`));
  const { maxMidpoints, maxMoves } = options;
  const began = performance.now();
  const placed = await place(network, demands, {
    maxMidpoints,
    ...(start === undefined ? {} : { start }),
    ...(maxMoves === undefined ? {} : { maxMoves }),
    onProgress: (stage, mlu) => ticker.tick(`${stage === "search" ? "searching" : "splitting"}, MLU ${mlu.toFixed(4)}`),
  });
  const seconds = (performance.now() - began) / 1_000;
  const bound = options.lowerBound
    ? await lowerBound(network, demands, placed.placement, () => ticker.tick("computing the lower bound"))
    : undefined;
  const instance = basename(options.topology ?? "controller").replace(/\.(graph|ya?ml)$/, "");
  return { instance, placed, seconds, ...(bound === undefined ? {} : { lowerBound: bound }) };
}
