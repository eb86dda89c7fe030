import { Registry } from "prom-client";
import { exposition } from "./exposition";
import { counter, gauge, histogram } from "./family";
import { promHistogram } from "./prom-histogram";
import { type Row, type Source, source } from "./source";

const UP = gauge("test_up", ["host", "state"], 'Whether "up" \\ or\nnot.');
const PLAIN = counter("test_total", [], "How many.");

async function textOf(sources: readonly Source[], limit?: number, registry = new Registry()): Promise<string> {
  let text = "";
  for await (const piece of exposition({ sources: () => sources, registry }, limit)) text += piece;
  return text;
}

test.each<[string, Row<readonly [string, string]>, string]>([
  ["plain", [["a", "alive"], 1], 'test_up{host="a",state="alive"} 1'],
  ["a fraction", [["a", "b"], 0.025], 'test_up{host="a",state="b"} 0.025'],
  ["64 bits", [["a", "b"], 2n ** 64n - 1n], 'test_up{host="a",state="b"} 18446744073709551615'],
  ["not a number", [["a", "b"], Number.NaN], 'test_up{host="a",state="b"} NaN'],
  ["without end", [["a", "b"], Number.POSITIVE_INFINITY], 'test_up{host="a",state="b"} +Inf'],
  ["the other way", [["a", "b"], Number.NEGATIVE_INFINITY], 'test_up{host="a",state="b"} -Inf'],
  ["characters that need care", [['"x"', "\\ \n"], 1], 'test_up{host="\\"x\\"",state="\\\\ \\n"} 1'],
])("a row: %s", async (_name, row, line) => {
  expect((await textOf([source(UP, () => [row])])).split("\n")).toContain(line);
});

test("help and type come before the rows, families in order, what prom-client keeps at the end", async () => {
  const registry = new Registry();
  promHistogram(registry, histogram("test_seconds", [], "How long.", [1, 2])).observe(1.5);
  const text = await textOf([source(UP, () => []), source(PLAIN, () => [[[], 3]])], undefined, registry);
  expect(text.split("\n").filter((line) => !line.includes("dropped"))).toEqual([
    '# HELP test_up Whether "up" \\\\ or\\nnot.',
    "# TYPE test_up gauge",
    "# HELP test_total How many.",
    "# TYPE test_total counter",
    "test_total 3",
    "# HELP test_seconds How long.",
    "# TYPE test_seconds histogram",
    'test_seconds_bucket{le="1"} 0',
    'test_seconds_bucket{le="2"} 1',
    'test_seconds_bucket{le="+Inf"} 1',
    "test_seconds_sum 1.5",
    "test_seconds_count 1",
    "",
  ]);
});

test.each([
  [2, 2, 0],
  [3, 2, 1],
  [1_000, 2, 998],
])("of %d series with a limit of 2, %d are told and %d are counted as left out", async (there, told, dropped) => {
  const rows = Array.from({ length: there }, (_, i): Row<readonly [string, string]> => [[String(i), "x"], i]);
  const text = await textOf([source(UP, () => rows), source(PLAIN, () => [[[], 1]])], 2);
  expect(text.match(/^test_up\{/gm)).toHaveLength(told);
  expect(text).toContain(`sextant_metrics_dropped_series{family="test_up"} ${dropped}\n`);
  expect(text).toContain('sextant_metrics_dropped_series{family="test_total"} 0\n');
});

test("others get their turn while an answer is written", async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const rows = function* () {
    for (let i = 0; i < 200_000; i++) yield [[String(i), "x"], i] as const;
  };
  await textOf([source(UP, rows)], 200_000);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});
