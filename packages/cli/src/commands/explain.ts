import {
  explainPolicy,
  explainText,
  type LackingFeatures,
  type NetworkFor,
  networksFor,
  pairsOf,
  type PolicyExplanation,
  type TopologySnapshot,
} from "@sextant/controller";
import { didYouMean, formatIssue, type Intent, SextantError } from "@sextant/model";
import { Command } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options";
import { intentOf, lackingIn, measuredIn, servicesOf, snapshotOf } from "../domain-of-resource";
import type { OperatorClient } from "../edge/operator-client";
import { EXIT } from "../exit-code";
import { listResources } from "../list-resources";
import { loadOffline } from "../load-offline";
import { renderStructured } from "../output/document";
import { addOutputOption } from "../output/output-option";
import { print } from "../output/print";
import type { Json } from "../resource";
import { withClient } from "../with-client";

interface ExplainOptions extends ConnectionOptions {
  readonly topology?: string[];
  readonly intents?: string[];
  readonly host?: string;
  readonly endpoint?: string;
  readonly output: "text" | "json" | "yaml";
}

interface Case {
  readonly intent: Intent;
  readonly snapshot: TopologySnapshot;
  /** What hosts say that they cannot do. */
  readonly lacking: LackingFeatures;
  /** What others' reservations leave. */
  readonly networkFor: NetworkFor;
}

const EPILOGUE = `
Sums grow hop by hop; NARROWEST is the least capacity so far, FULLEST the highest declared utilisation. A constraint binds if the path would be another one without
it. The runner-up is the best path that is not the primary, under the same constraints. Where nothing fits, the message names the smallest sets of
constraints to give up, and what the best path would then come to.

With -o json or yaml: {explanations: [{intent, generation, host, endpoint, direction, mode?, egress?, objective, candidates: [{preference,
weight, exact, hops: [{link, from, to, sums}], via, pin?, segments: [{sid, kind, node, algorithm?, link?, binding?, links?, endsAt}], wire, notEncoded?,
beside}], noPath?: {reason, message, relaxations: [{drop: [constraint], reaches}]}, binding: [{constraint, without: {nodes, links,
metrics}}], slack: [{constraint, limit, value?, slack?}], runnerUp?: {nodes, links, metrics, lostBy}, igpPath?: {nodes, links, metrics, ecmp,
breaks}, conditions}]}. Each of beside is a path that shares the candidate's traffic; sums, metrics and reaches are as in "sextant compute".

Exit status 3: some pair of host and endpoint has no path.

Example:
  $ sextant explain video-calls --host desk-1
  $ sextant explain telepathy -t examples/diamond/topology.yaml -i examples/diamond/try/impossible.yaml`;

/** `sextant explain`: hop by hop why the paths are what they are, or what would have to give for one to exist. */
export function explainCommand(): Command {
  const collect = (value: string, previous: string[] | undefined) => [...(previous ?? []), value];
  const command = new Command("explain")
    .description(
      "Explains the paths of an intent hop by hop, or what stands in their way. With -t and -i it needs no controller.",
    )
    .argument("<intent>", "name of the intent")
    .option("--host <name>", "only from this host")
    .option("--endpoint <name>", "only to this host, prefix or DNS name")
    .option("-t, --topology <file>", "read the topology from here; repeatable", collect)
    .option("-i, --intents <file>", "read the intents from here; repeatable", collect)
    .addHelpText("after", EPILOGUE);
  addOutputOption(command, ["text", "json", "yaml"]);
  return addConnectionOptions(command).action(run);
}

async function run(name: string, options: ExplainOptions): Promise<void> {
  const files = [...(options.topology ?? []), ...(options.intents ?? [])];
  const found = files.length > 0 ? offline(name, files) : await withClient(options, (client) => live(name, client));
  const explanations = explainAll(found, options);
  if (explanations.some(({ noPath }) => noPath !== undefined)) process.exitCode = EXIT.notSatisfied;
  if (options.output === "text")
    print(explanations.flatMap((each, i) => [...(i === 0 ? [] : ["", ""]), ...explainText(each)]));
  // Plain data by construction; the cast drops names that JSON does not know.
  else print(renderStructured({ explanations } as unknown as Json, options.output));
}

/** One explanation per pair of the intent that the options leave. */
function explainAll(
  { intent, snapshot, lacking, networkFor }: Case,
  { host, endpoint }: ExplainOptions,
): PolicyExplanation[] {
  const pairs = pairsOf(intent, snapshot).filter(
    (pair) => (host === undefined || pair.host === host) && (endpoint === undefined || pair.endpoint === endpoint),
  );
  if (pairs.length === 0) {
    throw new SextantError("not_found", `intent "${intent.name}" selects no such pair of host and endpoint`);
  }
  return pairs.flatMap((pair) => explainPolicy(intent, networkFor(intent.name, pair), pair, lacking) ?? []);
}

function offline(name: string, files: readonly string[]): Case {
  const loaded = loadOffline(files);
  if ("issues" in loaded) throw new SextantError("invalid_document", loaded.issues.map(formatIssue).join("\n"));
  const { snapshot } = loaded;
  const intents = loaded.intents.map(({ intent }) => intent);
  const intent = intents.find((each) => each.name === name);
  if (intent !== undefined) {
    return { intent, snapshot, lacking: new Map(), networkFor: networksFor(new Set([name]), intents, snapshot) };
  }
  const hint = didYouMean(
    name,
    intents.map((each) => each.name),
  );
  throw new SextantError("not_found", `the files hold no intent "${name}"${hint}`);
}

async function live(name: string, client: OperatorClient): Promise<Case> {
  const [resource] = await listResources(client, "Intent", [name]);
  const [topology] = await client.get("Topology", []);
  const services = servicesOf(await client.get("Service", []));
  const intent = resource && intentOf(resource, services);
  if (resource !== undefined && intent !== undefined && topology !== undefined) {
    const snapshot = snapshotOf(topology);
    const lacking = lackingIn(await client.get("Host", []));
    const others = intent.reservation === undefined ? [resource] : await client.get("Intent", []);
    const intents = others.flatMap((other) => intentOf(other, services) ?? []);
    const networkFor = networksFor(new Set([name]), intents, snapshot, { lacking, measured: measuredIn(others) });
    return { intent, snapshot, lacking, networkFor };
  }
  throw new SextantError("invalid_document", `cannot read intent "${name}": is the controller of another version?`);
}
