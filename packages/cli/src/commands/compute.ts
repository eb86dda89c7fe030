import { type IntentView, intentView, issueView, planIntents } from "@sextant/controller";
import { formatIssue, type Issue } from "@sextant/model";
import { Command } from "commander";
import { EXIT } from "../exit-code";
import { loadOffline, type OfflineIntent } from "../load-offline";
import { renderComputed } from "../output/computed";
import { renderStructured, toDocuments } from "../output/document";
import { addOutputOption } from "../output/output-option";
import { print, wantsColour } from "../output/print";
import type { Json, JsonObject, Resource } from "../resource";

interface ComputeOptions {
  readonly topology: string[];
  readonly intents: string[];
  readonly output: "table" | "json" | "yaml";
}

const EPILOGUE = `
Exit status: 0 every intent has a path for each of its pairs, 1 the files have issues (nothing is computed), 3 some pair has no path.

With -o json or yaml the intents come as "sextant get intents" gives them, with what can be known without hosts, and issues beside them:
{apiVersion, kind: List, items: [{apiVersion, kind: Intent, metadata: {name, generation, labels}, spec, status: {policies: [{host,
endpoint, direction, mode, candidates: [{preference, exact, nodes, links, metrics: {delayUs, igp, te, hops, jitterUs, lossPpm,
bottleneckMbps}, segmentLists: [{weight, encapsulation, pin, segments, probeSegments,
alternateProbeSegments}]}], conditions}], conditions, issues}}], issues: [{code, path, message, file, line, column}]}. bottleneckMbps is left out where no link has a capacity, mode where none is possible.

Example:
  $ sextant compute -t examples/diamond/topology.yaml -i examples/diamond/intents.yaml`;

/** `sextant compute`: topology and intents in, paths and segment lists out, no daemon involved. */
export function computeCommand(): Command {
  const collect = (value: string, previous: string[] | undefined) => [...(previous ?? []), value];
  const command = new Command("compute")
    .description("Computes paths and segment lists from files alone, exactly as the controller would.")
    .requiredOption(
      "-t, --topology <file>",
      "file, directory, or - for standard input; may be given several times",
      collect,
    )
    .requiredOption("-i, --intents <file>", "the same, for intents; a file may hold documents of any kind", collect)
    .addHelpText("after", EPILOGUE);
  return addOutputOption(command, ["table", "json", "yaml"]).action(run);
}

function run(options: ComputeOptions): void {
  const loaded = loadOffline([...options.topology, ...options.intents]);
  if ("issues" in loaded) {
    process.exitCode = EXIT.badInput;
    show([], loaded.issues, options.output);
    return;
  }
  const { intents, snapshot } = loaded;
  const plans = planIntents(
    intents.map(({ intent }) => intent),
    snapshot,
  );
  const computed = intents.flatMap((source) => {
    const plan = plans.get(source.intent.name);
    return plan === undefined ? [] : [{ source, view: intentView(plan) }];
  });
  if (computed.some(({ view }) => lacksPath(view))) process.exitCode = EXIT.notSatisfied;
  show(computed, [], options.output);
}

interface Computed {
  readonly source: OfflineIntent;
  readonly view: IntentView;
}

function lacksPath({ conditions }: IntentView): boolean {
  return conditions.some(({ type, status }) => type === "Computed" && status !== "True");
}

function show(computed: readonly Computed[], issues: readonly Issue[], output: ComputeOptions["output"]): void {
  if (output !== "table") {
    const list = { ...toDocuments(computed.map(toResource), false), issues: issues.map(issueView) };
    // Plain data by construction; the cast drops names that JSON does not know.
    print(renderStructured(list as unknown as Json, output));
    return;
  }
  if (issues.length > 0) process.stderr.write(`${issues.map(formatIssue).join("\n")}\n`);
  else
    print(
      renderComputed(
        computed.map(({ view }) => view),
        wantsColour(),
      ),
    );
}

function toResource({ source: { labels, spec }, view: { name, generation, ...status } }: Computed): Resource {
  return {
    kind: "Intent",
    name,
    labels,
    generation,
    spec: spec as JsonObject,
    status: status as unknown as JsonObject,
  };
}
