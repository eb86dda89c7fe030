import { Command } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options";
import type { OperatorClient } from "../edge/operator-client";
import { KIND_HELP, type Kind, parseKind } from "../kinds";
import { listResources } from "../list-resources";
import { type Columns, columnsOf } from "../output/columns";
import { renderStructured, toDocument, toDocuments } from "../output/document";
import { addOutputOption } from "../output/output-option";
import { print, wantsColour } from "../output/print";
import { renderRow, renderTable } from "../output/table";
import { OUTAGE_ON_STDERR } from "../outage";
import type { Resource } from "../resource";
import { untilInterrupted } from "../until-interrupted";
import { watchSteadily } from "../watch-steadily";
import { withClient } from "../with-client";

type Format = "table" | "wide" | "json" | "yaml" | "name";

interface GetOptions extends ConnectionOptions {
  readonly output: Format;
  readonly watch?: boolean;
}

/** `sextant get`: one line, or one document, per resource. */
export function getCommand(): Command {
  const command = new Command("get")
    .description("Lists what is declared and how it fares.")
    .argument("<kind>", KIND_HELP)
    .argument("[names...]", "only these")
    .option(
      "-w, --watch",
      "go on with a line (or a JSON object on one line) per change, also after a restart of the controller",
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ sextant get intents -o wide\n  $ sextant get paths -w\n  $ sextant get intent video-calls -o json",
    );
  addOutputOption(command, ["table", "wide", "json", "yaml", "name"]);
  return addConnectionOptions(command).action(run);
}

async function run(word: string, names: string[], options: GetOptions): Promise<void> {
  const kind = parseKind(word);
  await withClient(options, async (client) => {
    if (options.watch === true) await watch(client, kind, names, options.output);
    else
      print(
        renderResources(
          await listResources(client, kind, names),
          kind,
          options.output,
          names.length === 1,
          wantsColour(),
        ),
      );
  });
}

/** The listing of resources in one of the formats. `single`: one was asked for by name. */
export function renderResources(
  resources: readonly Resource[],
  kind: Kind,
  format: Format,
  single: boolean,
  colour: boolean,
): string[] {
  switch (format) {
    case "json":
    case "yaml":
      return renderStructured(toDocuments(resources, single), format);
    case "name":
      return resources.map(({ name }) => `${kind.toLowerCase()}/${name}`);
    case "table":
    case "wide": {
      if (resources.length === 0) return [`no ${kind.toLowerCase()} found`];
      const columns = columnsOf(kind, format === "wide");
      return renderTable(columns.header, resources.map(columns.row), colour);
    }
  }
}

async function watch(client: OperatorClient, kind: Kind, names: readonly string[], format: Format): Promise<void> {
  const writer = changeWriter(kind, format, wantsColour());
  const onChange = (resource: Resource, deleted: boolean) => print(writer(resource, deleted));
  const events = { onChange, ...OUTAGE_ON_STDERR };
  await untilInterrupted((signal) => watchSteadily(client, kind, names, events, signal));
}

/** Renders one change after the other. Table columns are as wide as the widest cell so far. */
export function changeWriter(
  kind: Kind,
  format: Format,
  colour: boolean,
): (resource: Resource, deleted: boolean) => string[] {
  switch (format) {
    case "json":
      return (resource, deleted) => [JSON.stringify({ ...toDocument(resource), ...(deleted ? { deleted } : {}) })];
    case "yaml":
      return (resource, deleted) => [
        "---",
        ...renderStructured({ ...toDocument(resource), ...(deleted ? { deleted } : {}) }, "yaml"),
      ];
    case "name":
      return ({ name }, deleted) => [`${kind.toLowerCase()}/${name}${deleted ? " deleted" : ""}`];
    case "table":
    case "wide":
      return tableWriter(columnsOf(kind, format === "wide"), colour);
  }
}

function tableWriter({ header, row }: Columns, colour: boolean): (resource: Resource, deleted: boolean) => string[] {
  const widths = header.map((title) => title.length);
  const shown = new Map<string, string>();
  let started = false;
  return (resource, deleted) => {
    const cells = deleted ? [resource.name, { text: "deleted", tone: "faint" } as const] : row(resource);
    cells.forEach((cell, column) => {
      const { length } = typeof cell === "string" ? cell : cell.text;
      widths[column] = Math.max(widths[column] ?? 0, length);
    });
    // A change that the columns do not show is not worth a line.
    const content = JSON.stringify(cells);
    if (shown.get(resource.name) === content) return [];
    if (deleted) shown.delete(resource.name);
    else shown.set(resource.name, content);
    const lines = [...(started ? [] : [renderRow(header, widths, colour)]), renderRow(cells, widths, colour)];
    started = true;
    return lines;
  };
}
