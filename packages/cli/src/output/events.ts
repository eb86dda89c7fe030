import type { ControllerEvent } from "../controller-event";
import { type Cell, renderRow, renderTable } from "./table";
import { formatAge } from "./units";

const HEADER = ["TIME", "TIMES", "ABOUT", "REASON", "MESSAGE"];
/** Wide enough for most: a watch writes a line before it knows the next one. */
const WATCH_WIDTHS = [24, 5, 28, 16, 0];

/** A table of what happened, in the order given. */
export function eventTable(events: readonly ControllerEvent[], colour: boolean): string[] {
  if (events.length === 0) return ["nothing has happened that the controller remembers"];
  return renderTable(HEADER, events.map(cells), colour);
}

/** The same line by line. `skipped` are those between this one and the one before that were not told. */
export function eventLines(event: ControllerEvent, skipped: number, colour: boolean): string[] {
  const gap = skipped === 0 ? [] : [`... ${skipped} more that came too fast`];
  return [...gap, renderRow(cells(event), WATCH_WIDTHS, colour)];
}

/** For a story: how long ago, how often, what. */
export function timelineLines(events: readonly ControllerEvent[], nowMs: number, colour: boolean): string[] {
  if (events.length === 0) return ["  nothing that the controller remembers"];
  const rows = events.map((event) => {
    const ago = `${formatAge(nowMs - Date.parse(event.lastTime))} ago`;
    return [`  ${event.lastTime}`, ago, times(event), reasonCell(event), event.message];
  });
  return renderTable(["  TIME", "", "TIMES", "REASON", "MESSAGE"], rows, colour);
}

function cells(event: ControllerEvent): Cell[] {
  const { about, lastTime, message } = event;
  return [lastTime, times(event), `${about.kind.toLowerCase()}/${about.name}`, reasonCell(event), message];
}

function times({ count }: ControllerEvent): string {
  return count === 1 ? "" : `x${count}`;
}

function reasonCell({ reason, severity }: ControllerEvent): Cell {
  return { text: reason, tone: severity === "warning" ? "doubtful" : "plain" };
}
