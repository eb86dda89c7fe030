import {
  type Change,
  changedState,
  changeText,
  compareStates,
  eachChange,
  FAILABLE,
  type Failable,
  failures,
  type PlannedState,
  planState,
  type ScenarioReport,
} from "@sextant/controller";
import { formatIssue } from "@sextant/model";
import { Command, InvalidArgumentError } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options";
import { EXIT } from "../exit-code";
import { addOutputOption } from "../output/output-option";
import { print, wantsColour } from "../output/print";
import { Ticker } from "../placement/ticker";
import { readSources } from "../read-sources";
import { baseOf, loadStates } from "../simulation/load-states";
import { parseDrain, parseFailure, parseSetting } from "../simulation/parse-change";
import { renderScenario, renderScenarios } from "../simulation/render";
import { withClient } from "../with-client";

const DEFAULT_TOP = 20;

interface SimulateOptions extends ConnectionOptions {
  readonly topology?: string[];
  readonly intents?: string[];
  readonly fail?: Change[];
  readonly drain?: Change[];
  readonly set?: Change[];
  readonly add?: string[];
  readonly remove?: string[];
  readonly demands?: string[];
  readonly addDemands?: string[];
  readonly removeDemand?: string[];
  readonly eachLink?: true;
  readonly eachNode?: true;
  readonly eachSrlg?: true;
  readonly top: number;
  readonly output: "table" | "json";
}

const EPILOGUE = `
With -t and -i the state comes from files, else from the controller, which also says what links were found broken; nothing is changed anywhere.
Paths are computed by the code that the controller runs. All changes together are one scenario. With --each-link, --each-node and --each-srlg every one that is
up fails alone, after the other changes, and the worst scenarios are shown.

A policy breaks when it had a path and has none; it is interrupted when no candidate that works survives, so that packets wait for new paths; it
loses protection when it has fewer disjoint backups; it moves when its primary is another path. A drained node carries what begins or ends
at it, or has no other way, and nothing else. MLU is the highest share of a link's capacity that is taken: each policy puts what it reserves (or else
its minBandwidthMbps) on its primary, and demands follow the IGP's shortest ways, split evenly over equal ones.

With -o json: {policies, changed?: SCENARIO, examined?, each?: [SCENARIO]}, where SCENARIO is {name, counts: {breaks, interrupted,
losesProtection, moves, removed, added, restored, gainsProtection}, mlu?: {beforePercent, afterPercent}, impacts: [{intent, host,
endpoint, direction, effects, before?, after?, reason?}]}, and before and after are {nodes, links, metrics, disjointBackups}. changed is there
when there are changes, each and examined with --each-*; each has the worst --top of the examined ones, worst first.

Exit status: 0 nothing breaks, 1 the files have issues or a name is unknown, 3 some policy breaks in some scenario.

Example:
  $ sextant simulate -t examples/backbone/topology.yaml -i examples/backbone/intents.yaml --each-link`;

/** `sextant simulate`: what would happen, before it does. */
export function simulateCommand(): Command {
  const collect = (value: string, previous: string[] | undefined) => [...(previous ?? []), value];
  const command = new Command("simulate")
    .description("Shows which policies break, lose protection or move when something fails or is changed.")
    .option("-t, --topology <file>", "read the topology from here; repeatable", collect)
    .option("-i, --intents <file>", "read the intents from here; repeatable", collect)
    .option("--fail <what>", "link:NAME, node:NAME or srlg:NAME goes down; repeatable", parseFailure)
    .option("--drain <node>", "nothing passes the node; repeatable", parseDrain)
    .option("--set <change>", "LINK.FIELD=VALUE in both directions, for example a-b.igp=50; repeatable", parseSetting)
    .option("--add <file>", "documents that come, or replace those of their names; repeatable", collect)
    .option("--remove <intent>", "an intent that goes; repeatable", collect)
    .option("--demands <file>", "traffic besides that of intents, documents of kind Demands; repeatable", collect)
    .option("--add-demands <file>", "demands that come, or replace those of their names; repeatable", collect)
    .option("--remove-demand <name>", "a demand that goes; repeatable", collect)
    .option("--each-link", "every link fails, one at a time")
    .option("--each-node", "every router fails, one at a time")
    .option("--each-srlg", "every shared-risk group fails, one at a time")
    .option("--top <count>", "scenarios of --each-* that are shown, the worst", topOf, DEFAULT_TOP)
    .addHelpText("after", EPILOGUE);
  addOutputOption(command, ["table", "json"]);
  return addConnectionOptions(command).action(run);
}

function topOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number, 1 or more.");
}

async function run(options: SimulateOptions): Promise<void> {
  const files = [...(options.topology ?? []), ...(options.intents ?? [])];
  const base = files.length > 0 ? { files: readSources(files), broken: [] } : await withClient(options, baseOf);
  const { add = [], remove = [], fail = [], drain = [], set = [] } = options;
  const { demands = [], addDemands = [], removeDemand: removeDemands = [] } = options;
  const loaded = loadStates({ base, add, remove, demands, addDemands, removeDemands });
  if ("issues" in loaded) {
    process.stderr.write(`${loaded.issues.map(formatIssue).join("\n")}\n`);
    process.exitCode = EXIT.badInput;
    return;
  }
  const changes = [...set, ...drain, ...fail];
  const before = planState(loaded.before);
  const documents = add.length + remove.length + addDemands.length + removeDemands.length;
  const isChanged = changes.length + documents > 0;
  const state = isChanged ? changedState(loaded.after, changes) : before;
  const texts = [
    ...changes.map(changeText),
    ...[...add, ...addDemands].map((file) => `add ${file}`),
    ...remove.map((name) => `remove ${name}`),
    ...removeDemands.map((name) => `remove demand ${name}`),
  ];
  const changed = isChanged ? compareStates(texts.join(", "), before, state) : undefined;
  const each = failEach(state, options);
  const reports = [...(changed === undefined ? [] : [changed]), ...(each ?? [])];
  if (reports.some(({ counts }) => counts.breaks > 0)) process.exitCode = EXIT.notSatisfied;
  show(before, changed, each, options);
}

/** Undefined when nobody asked for it. */
function failEach(state: PlannedState, options: SimulateOptions): ScenarioReport[] | undefined {
  const asked: Readonly<Record<Failable, true | undefined>> = {
    link: options.eachLink,
    node: options.eachNode,
    srlg: options.eachSrlg,
  };
  const kinds = FAILABLE.filter((kind) => asked[kind] === true);
  if (kinds.length === 0) return undefined;
  const changes = kinds.flatMap((kind) => failures(state.snapshot, kind));
  const ticker = new Ticker((line) => process.stderr.write(`sextant: ${line}\n`));
  return eachChange(state, changes, (_, done) => ticker.tick(`${done} of ${changes.length} scenarios`));
}

function show(
  before: PlannedState,
  changed: ScenarioReport | undefined,
  each: readonly ScenarioReport[] | undefined,
  { top, output }: SimulateOptions,
): void {
  const worst = each?.slice(0, top);
  if (output === "json") {
    const policies = [...before.plans.values()].reduce((count, plan) => count + plan.policies.length, 0);
    print(JSON.stringify({ policies, changed, examined: each?.length, each: worst }, null, 2).split("\n"));
    return;
  }
  if (changed === undefined && worst === undefined) {
    print(["nothing to simulate: say what fails, is drained, set, added or removed, or --each-link"]);
    return;
  }
  const colour = wantsColour();
  print([
    ...(changed === undefined ? [] : renderScenario(changed, colour)),
    ...(changed === undefined || worst === undefined ? [] : [""]),
    ...(worst === undefined ? [] : renderScenarios(worst, each?.length ?? 0, colour)),
  ]);
}
