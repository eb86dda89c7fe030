import { API_VERSION, SextantError } from "@sextant/model";
import { Command, InvalidArgumentError } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options";
import type { OperatorClient } from "../edge/operator-client";
import { type ControllerEvent, type EventQuery, parseSubject } from "../controller-event";
import { renderStructured } from "../output/document";
import { eventLines, eventTable } from "../output/events";
import { addOutputOption } from "../output/output-option";
import { print, wantsColour } from "../output/print";
import { OUTAGE_ON_STDERR, throughOutages } from "../outage";
import type { JsonObject } from "../resource";
import { untilInterrupted } from "../until-interrupted";
import { withClient } from "../with-client";
import { parseAgeMs } from "./lab/quantities";

const DEFAULT_COUNT = 100;
const MAX_COUNT = 10_000;

type Format = "table" | "json" | "yaml";

interface EventsOptions extends ConnectionOptions {
  readonly output: Format;
  readonly for?: string;
  readonly since?: string;
  readonly last: number;
  readonly watch?: boolean;
}

/** `sextant events`: what happened lately. */
export function eventsCommand(): Command {
  const command = new Command("events")
    .description(
      "Tells what happened lately, the newest last: paths that died and came back, packets that changed over, sessions, documents.",
    )
    .option(
      "--for <kind/name>",
      "only this one, with its parts: intent/calls, host/alice, link/west-south; or a kind alone",
    )
    .option("--since <time>", "not before: a time ago like 30s, 10m, 2h or 1d, or an RFC 3339 time")
    .option("-n, --last <count>", `the newest so many, at most ${MAX_COUNT}`, count, DEFAULT_COUNT)
    .option(
      "-w, --watch",
      "go on with a line (or a JSON object on one line) per event, also after a restart of the controller",
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ sextant events --for intent/video-calls\n  $ sextant events --since 10m -o json\n  $ sextant events -w",
    );
  addOutputOption(command, ["table", "json", "yaml"]);
  return addConnectionOptions(command).action(run);
}

async function run(options: EventsOptions): Promise<void> {
  const filter: EventQuery = {
    ...(options.for === undefined ? {} : { about: parseSubject(options.for) }),
    ...(options.since === undefined ? {} : { sinceMs: parseSince(options.since, Date.now()) }),
  };
  await withClient(options, async (client) => {
    const { events, revision } = await client.events(filter, options.last);
    if (options.watch !== true) {
      print(renderEvents(events, options.output, wantsColour()));
      return;
    }
    for (const event of events) print(renderEvent(event, 0, options.output, wantsColour()));
    await untilInterrupted((signal) => watch(client, { ...filter, afterRevision: revision }, options.output, signal));
  });
}

/** Tells each event from that revision on, and after an outage what happened meanwhile, as far as a controller remembers it. */
async function watch(
  client: OperatorClient,
  filter: EventQuery & { readonly afterRevision: number },
  format: Format,
  signal: AbortSignal,
): Promise<void> {
  let { afterRevision } = filter;
  const tell = (event: ControllerEvent, skipped: number) => {
    afterRevision = event.revision;
    print(renderEvent(event, skipped, format, wantsColour()));
  };
  await throughOutages(
    () => client.watchEvents({ ...filter, afterRevision }, tell, signal),
    () => client.events(filter, 1),
    () => undefined,
    OUTAGE_ON_STDERR,
    signal,
  );
}

/** A listing in one of the formats. */
export function renderEvents(events: readonly ControllerEvent[], format: Format, colour: boolean): string[] {
  if (format === "table") return eventTable(events, colour);
  return renderStructured({ apiVersion: API_VERSION, kind: "List", items: events.map(toJson) }, format);
}

/** One event of a watch in one of the formats. */
export function renderEvent(event: ControllerEvent, skipped: number, format: Format, colour: boolean): string[] {
  const value = { ...toJson(event), ...(skipped === 0 ? {} : { skipped }) };
  switch (format) {
    case "table":
      return eventLines(event, skipped, colour);
    case "json":
      return [JSON.stringify(value)];
    case "yaml":
      return ["---", ...renderStructured(value, "yaml")];
  }
}

function toJson(event: ControllerEvent): JsonObject {
  return { apiVersion: API_VERSION, kind: "Event", ...event };
}

/** Milliseconds since 1970. */
export function parseSince(text: string, nowMs: number): number {
  if (!/^\d{4}-/.test(text)) return nowMs - parseAgeMs(text);
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw new SextantError("invalid_argument", `--since ${text}: expected a time like 2026-01-31T12:00:00Z`);
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_COUNT) return value;
  throw new InvalidArgumentError(`give a number from 1 to ${MAX_COUNT}.`);
}
