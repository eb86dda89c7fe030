import { create } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { type Event, Event_Severity, type EventFilter, EventFilterSchema } from "@sextant/proto";
import type { ControllerEvent, EventQuery } from "../controller-event";

/** An event of the controller. */
export function eventFromProto({ id, revision, kind, name, host, severity, ...event }: Event): ControllerEvent {
  const { reason, message, firstTime, lastTime, count } = event;
  return {
    id: Number(id),
    revision: Number(revision),
    about: { kind, name },
    ...(host === "" ? {} : { host }),
    severity: severity === Event_Severity.WARNING ? "warning" : "normal",
    reason,
    message,
    firstTime: timeText(firstTime),
    lastTime: timeText(lastTime),
    count,
  };
}

/** What to ask the controller for. */
export function filterToProto({ about, sinceMs, afterRevision = 0 }: EventQuery): EventFilter {
  return create(EventFilterSchema, {
    kind: about?.kind ?? "",
    name: about?.name ?? "",
    ...(sinceMs === undefined ? {} : { since: timestampFromMs(sinceMs) }),
    afterRevision: BigInt(afterRevision),
  });
}

function timeText(time: Timestamp | undefined): string {
  return new Date(time === undefined ? 0 : timestampMs(time)).toISOString();
}
