import { DOCUMENT_KINDS, SextantError } from "@sextant/model";

/** What events are about: every kind of resource, links, and the controller itself. */
export const EVENT_KINDS = [...DOCUMENT_KINDS, "Host", "Path", "Link", "Controller"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Something that happened, as its source tells it. */
export interface EventInput {
  readonly kind: EventKind;
  /** Name of the object: of a link as the topology has it, of a path `HOST/<16 hex digits>`. */
  readonly object: string;
  /** Stable word in CamelCase, for programs. */
  readonly reason: string;
  /** A sentence for people. Equal events are counted, not kept apart: leave out what differs each time. */
  readonly message: string;
  /** `warning` for what an operator may have to act on. Default `normal`. */
  readonly severity?: Severity;
  /** Host that it happened on, where that is not the object: it is told with that host too. */
  readonly host?: string;
  /** Wall clock in milliseconds since 1970; absent: now. */
  readonly atMs?: number;
}

export type Severity = "normal" | "warning";

/** Where events go. Takes any number at any rate, never blocks, never throws. */
export interface EventSink {
  record(event: EventInput): void;
}

/** One event, or several equal ones close together. */
export interface RecordedEvent extends Required<Omit<EventInput, "host" | "atMs">> {
  /** Stays the same while equal ones are added. */
  readonly id: number;
  /** Grows with every change of the log: of two events, the one with the higher revision happened, or repeated itself, later. */
  readonly revision: number;
  readonly host: string | undefined;
  /** Wall clock in milliseconds since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

/** Recognises a kind that came from outside; SextantError `invalid_argument` naming the kinds there are. */
export function parseEventKind(text: string): EventKind {
  const kind = EVENT_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new SextantError("invalid_argument", `kind: there are no events of "${text}": use ${EVENT_KINDS.join(", ")}`);
}
