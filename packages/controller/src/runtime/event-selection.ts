import { SextantError } from "@sextant/model";
import { parseEventKind, type RecordedEvent } from "../events/event";
import { pathName } from "./path-name";
import type { Plans } from "./plans";

/** What a reader asks about, as written; empty text: everything. */
export interface EventSubject {
  readonly kind: string;
  readonly name: string;
}

/**
 * Which events belong to a subject. To an intent belong those of the paths and links that it is planned over at present; to a host, all
 * that happened on it. SextantError `invalid_argument` for what is no kind, and for a name without a kind.
 */
export function eventsAbout(plans: Plans, { kind, name }: EventSubject): (event: RecordedEvent) => boolean {
  if (kind === "") {
    if (name === "") return () => true;
    throw new SextantError("invalid_argument", `name: "${name}" needs a kind beside it`);
  }
  const known = parseEventKind(kind);
  if (name === "") return (event) => event.kind === known;
  switch (known) {
    case "Host":
      return (event) => event.host === name || (event.kind === known && event.object === name);
    case "Intent": {
      const parts = partsOf(plans, name);
      return (event) => parts.has(`${event.kind}/${event.object}`);
    }
    case "Topology":
    case "Service":
    case "Path":
    case "Link":
    case "Controller":
      return (event) => event.kind === known && event.object === name;
  }
}

/** An intent, its paths and its links, each as `KIND/NAME`. */
function partsOf(plans: Plans, intent: string): ReadonlySet<string> {
  const parts = new Set([`Intent/${intent}`]);
  for (const { computed, entries } of plans.of(intent)?.policies ?? []) {
    for (const { entry } of entries.lists) parts.add(`Path/${pathName(computed.host, entry.key)}`);
    for (const candidate of computed.candidates) {
      for (const { links } of [candidate, ...candidate.beside]) for (const link of links) parts.add(`Link/${link}`);
    }
  }
  return parts;
}
