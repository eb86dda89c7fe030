import { execFile } from "node:child_process";

/** Longest that one `ip` call may take before it is given up. */
const IP_TIMEOUT_MS = 5_000;
/** Output beyond this is refused: no host has so many links or routes in the SR domain's block. */
const IP_MAX_OUTPUT_BYTES = 16 << 20;

/**
 * Runs iproute2's `ip` with JSON output and gives its rows; an empty list when it fails (a namespace without such a route,
 * an interface that is gone). With `batch`, one command per line, failing lines skipped, all rows in one list.
 */
export function ipRows(args: readonly string[], batch?: readonly string[]): Promise<readonly IpRow[]> {
  const all = ["-json", ...args, ...(batch === undefined ? [] : ["-force", "-batch", "-"])];
  return new Promise((resolve) => {
    const options = { timeout: IP_TIMEOUT_MS, maxBuffer: IP_MAX_OUTPUT_BYTES };
    const child = execFile("ip", all, options, (_error, stdout) => resolve(parseRows(stdout)));
    child.stdin?.on("error", () => undefined); // The command failed before it had read its input: its output says so.
    child.stdin?.end(batch === undefined ? undefined : `${batch.join("\n")}\n`);
  });
}

/** One object of `ip -json` output. */
export type IpRow = Readonly<Record<string, unknown>>;

/** One JSON array per line, as `ip` writes it; lines that are none are skipped. */
export function parseRows(output: string): IpRow[] {
  return output.split(/\n(?=\[)/).flatMap((text) => {
    try {
      const rows: unknown = JSON.parse(text);
      return Array.isArray(rows) ? rows.filter((row): row is IpRow => typeof row === "object" && row !== null) : [];
    } catch {
      return [];
    }
  });
}

/** A field that should be a string. */
export function textField(row: IpRow, field: string): string | undefined {
  const value = row[field];
  return typeof value === "string" ? value : undefined;
}

/** A field that should be a number. */
export function numberField(row: IpRow, field: string): number | undefined {
  const value = row[field];
  return typeof value === "number" ? value : undefined;
}
