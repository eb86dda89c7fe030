import { parseDocuments, SextantError } from "@sextant/model";
import { Command } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options";
import type { OperatorClient } from "../edge/operator-client";
import { EXIT } from "../exit-code";
import { isDocumentKind, type Kind, parseKind } from "../kinds";
import { print } from "../output/print";
import { readSources, type SourceFile } from "../read-sources";
import { withClient } from "../with-client";
import { renderIssues } from "./apply";

interface DeleteOptions extends ConnectionOptions {
  readonly filename?: string[];
  readonly ignoreNotFound?: boolean;
}

/** What to delete, in an order in which nothing that is left refers to what is gone. */
type Targets = readonly { readonly kind: Kind; readonly names: readonly string[] }[];

/** `sextant delete`: by kind and name, or whatever the files declare. */
export function deleteCommand(): Command {
  const command = new Command("delete")
    .description("Takes documents back. Hosts return to plain routing for what a deleted intent steered.")
    .argument("[kind]", "intent, service or topology")
    .argument("[names...]", "names of that kind")
    .option("-f, --filename <path...>", "delete the documents that these files declare; - for standard input")
    .option("--ignore-not-found", "what is not there counts as deleted")
    .addHelpText("after", "\nExample:\n  $ sextant delete intent video-calls\n  $ sextant delete -f examples/backbone");
  return addConnectionOptions(command).action(run);
}

async function run(kind: string | undefined, names: string[], options: DeleteOptions): Promise<void> {
  const targets = options.filename === undefined ? namedTargets(kind, names) : fileTargets(kind, options.filename);
  await withClient(options, async (client) => {
    for (const { kind: each, names: wanted } of targets) {
      await deleteSome(client, each, wanted, options.ignoreNotFound === true);
    }
  });
}

async function deleteSome(client: OperatorClient, kind: Kind, names: readonly string[], ignoreMissing: boolean) {
  const { deleted, notFound } = await client.delete(kind, names);
  print(deleted.map((name) => `${kind.toLowerCase()}/${name} deleted`));
  if (ignoreMissing || notFound.length === 0) return;
  process.stderr.write(notFound.map((name) => `sextant: there is no ${kind.toLowerCase()} "${name}"\n`).join(""));
  process.exitCode = EXIT.badInput;
}

function namedTargets(word: string | undefined, names: readonly string[]): Targets {
  if (word === undefined || names.length === 0) {
    throw new SextantError("invalid_argument", "say what to delete: KIND NAME..., or -f FILE");
  }
  const kind = parseKind(word);
  if (isDocumentKind(kind)) return [{ kind, names }];
  throw new SextantError(
    "invalid_argument",
    `a ${kind.toLowerCase()} is not deleted on its own: it follows from other documents`,
  );
}

function fileTargets(kind: string | undefined, paths: readonly string[]): Targets {
  if (kind !== undefined) throw new SextantError("invalid_argument", "give either KIND NAME... or -f FILE, not both");
  return targetsOf(readSources(paths));
}

/** Intents and services before the topology that they refer to. */
export function targetsOf(sources: readonly SourceFile[]): Targets {
  const parsed = sources.map(({ name, content }) => parseDocuments(name, content));
  const issues = parsed.flatMap((result) => result.issues);
  if (issues.length > 0) throw new SextantError("invalid_document", renderIssues(issues).join("\n"));
  const documents = parsed.flatMap((result) => result.documents);
  return (["Intent", "Service", "Topology"] as const)
    .map((kind) => ({ kind, names: documents.filter((document) => document.kind === kind).map(({ name }) => name) }))
    .filter(({ names }) => names.length > 0);
}
