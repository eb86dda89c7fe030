import { create } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { SextantError } from "@sextant/model";
import { type Event, Event_Severity, EventSchema, type EventFilter } from "@sextant/proto";
import type { RecordedEvent, Severity } from "../events/event";
import type { EventSubject } from "../runtime/event-selection";

const SEVERITY = {
  normal: Event_Severity.NORMAL,
  warning: Event_Severity.WARNING,
} as const satisfies Record<Severity, Event_Severity>;

/** An event as it goes over the wire. */
export function eventToProto({ id, revision, kind, object, host = "", ...event }: RecordedEvent): Event {
  const { severity, reason, message, firstMs, lastMs, count } = event;
  return create(EventSchema, {
    id: BigInt(id),
    revision: BigInt(revision),
    kind,
    name: object,
    host,
    severity: SEVERITY[severity],
    reason,
    message,
    firstTime: timestampFromMs(firstMs),
    lastTime: timestampFromMs(lastMs),
    count,
  });
}

/** What a filter asks for; none asks for everything. SextantError `invalid_argument` for a time or revision that cannot be. */
export function filterFromProto(filter: EventFilter | undefined): {
  readonly subject: EventSubject;
  readonly sinceMs: number;
  readonly after: number;
} {
  const { kind = "", name = "", since, afterRevision = 0n } = filter ?? {};
  if (afterRevision > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new SextantError("invalid_argument", "filter.after_revision: out of range");
  }
  return {
    subject: { kind, name },
    sinceMs: since === undefined ? 0 : sinceFromProto(since),
    after: Number(afterRevision),
  };
}

function sinceFromProto(since: Timestamp): number {
  const ms = timestampMs(since);
  if (Number.isSafeInteger(ms)) return ms;
  throw new SextantError("invalid_argument", "filter.since: out of range");
}
