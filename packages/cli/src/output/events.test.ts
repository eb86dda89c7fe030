import type { ControllerEvent } from "../controller-event";
import { parseSubject } from "../controller-event";
import { parseSince, renderEvent, renderEvents } from "../commands/events";
import { timelineLines } from "./events";

const NOW = Date.parse("2026-01-01T00:10:00Z");
const DEAD: ControllerEvent = {
  id: 1,
  revision: 4,
  about: { kind: "Path", name: "alice/0123456789abcdef" },
  host: "alice",
  severity: "warning",
  reason: "PathDead",
  message: "dead: probes_missing",
  firstTime: "2026-01-01T00:09:00.000Z",
  lastTime: "2026-01-01T00:09:48.000Z",
  count: 3,
};

const plain = (lines: readonly string[]) => lines.map((line) => line.trim().replace(/ {3,}/g, " | "));

test("a table: when, how often, what about, why", () => {
  expect(plain(renderEvents([DEAD], "table", false))).toEqual([
    "TIME | TIMES | ABOUT | REASON | MESSAGE",
    "2026-01-01T00:09:48.000Z | x3 | path/alice/0123456789abcdef | PathDead | dead: probes_missing",
  ]);
  expect(renderEvents([], "table", false)).toEqual(["nothing has happened that the controller remembers"]);
});

test("a list as JSON, and a watch with an object per line that says what was left out", () => {
  const list = JSON.parse(renderEvents([DEAD], "json", false).join("\n")) as object;
  expect(list).toEqual({ apiVersion: "sextant.dev/v1", kind: "List", items: [expect.objectContaining(DEAD)] });
  const [line = ""] = renderEvent(DEAD, 7, "json", false);
  expect(JSON.parse(line)).toMatchObject({ kind: "Event", ...DEAD, skipped: 7 });
  expect(renderEvent(DEAD, 7, "table", false)[0]).toBe("... 7 more that came too fast");
});

test("a timeline says how long ago", () => {
  expect(plain(timelineLines([DEAD], NOW, false))[1]).toBe(
    "2026-01-01T00:09:48.000Z | 12s ago | x3 | PathDead | dead: probes_missing",
  );
  expect(timelineLines([], NOW, false)).toEqual(["  nothing that the controller remembers"]);
});

test.each([
  ["intent/calls", { kind: "Intent", name: "calls" }],
  ["path/alice/0123456789abcdef", { kind: "Path", name: "alice/0123456789abcdef" }],
  ["hosts", { kind: "Host" }],
  ["controller", { kind: "Controller" }],
])("--for %s", (text, subject) => {
  expect(parseSubject(text)).toEqual(subject);
});

test.each(["flow/1", "node/west", "intent/"])("--for %s is refused", (text) => {
  expect(() => parseSubject(text)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});

test.each([
  ["90s", NOW - 90_000],
  ["1.5h", NOW - 5_400_000],
  ["2d", NOW - 172_800_000],
  ["2026-01-01T00:00:00Z", NOW - 600_000],
])("--since %s", (text, ms) => {
  expect(parseSince(text, NOW)).toBe(ms);
});

test.each(["yesterday", "10", "2026-13-45"])("--since %s is refused", (text) => {
  expect(() => parseSince(text, NOW)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});
