import { cpus, release } from "node:os";
import { renderTable } from "../../packages/cli/src/output/table";

/** What a benchmark says in the end. Numbers only: whether they are good enough is for its reader to say. */
export interface Report {
  /** What was done, in a sentence. */
  readonly what: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Keys are stable; each name ends in its unit, or is a plain ratio. */
  readonly json: Readonly<Record<string, number>>;
}

/** Prints the table and, as the last line of all, the JSON. */
export function printReport({ what, header, rows, json }: Report): void {
  const machine = `${cpus().length} CPUs, kernel ${release()}, Node ${process.version}`;
  const rounded = Object.fromEntries(Object.entries(json).map(([key, value]) => [key, Number(value.toPrecision(4))]));
  console.log([what, machine, "", ...renderTable(header, rows, false), "", JSON.stringify(rounded)].join("\n"));
}

/** A number for the table: three significant digits, whole from 100 on. */
export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
