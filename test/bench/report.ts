import { cpus, release } from "node:os";
import { renderTable } from "../../packages/cli/src/output/table";

/** What a benchmark says in the end. Numbers only: whether they are good enough is for its reader to say. */
export interface Report {
  /** What was done, in a sentence. */
  readonly what: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Keys are stable; each name ends in its unit, or is a plain ratio. */
  readonly json: Readonly<Record<string, Value>>;
}

/** A figure of a run, which is rounded to four digits, or those of each of its cases, as they are. */
type Value = number | string | readonly Readonly<Record<string, number | string>>[];

/** Prints the table and, as the last line of all, the JSON. */
export function printReport({ what, header, rows, json }: Report): void {
  const machine = `${cpus().length} CPUs, kernel ${release()}, Node ${process.version}`;
  const rounded = Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, typeof value === "number" ? Number(value.toPrecision(4)) : value]),
  );
  console.log([what, machine, "", ...renderTable(header, rows, false), "", JSON.stringify(rounded)].join("\n"));
}

/** A number for the table: three significant digits, whole from 100 on. */
export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
