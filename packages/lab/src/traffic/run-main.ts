import { parseArgs } from "node:util";

/** Bounds of all traffic programs: more is refused. */
export const MAX_SECONDS = 3_600;
export const MAX_PACKETS = 1_000_000;

/** Reads `--name value` options of a traffic program; numbers where the default is one. Throws on anything unknown. */
export function readOptions<T extends Record<string, string | number>>(defaults: T): T {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: "string" as const }]));
  const { values } = parseArgs({ options });
  const read = Object.entries(defaults).map(([name, fallback]) => {
    const text = values[name];
    if (typeof text !== "string") return [name, fallback];
    const value = typeof fallback === "number" ? Number(text) : text;
    if (Number.isNaN(value)) throw new Error(`--${name} ${text}: expected a number`);
    return [name, value];
  });
  return Object.fromEntries(read) as T;
}

/** One line that the starting process waits for. */
export function sayReady(): void {
  process.stdout.write("ready\n");
}

/** The result: one line of JSON, the last on standard output. */
export function sayResult(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Resolves at the first SIGTERM or SIGINT, or after so many seconds (at most an hour). */
export function untilToldOrAfter(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(seconds, MAX_SECONDS) * 1_000);
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        clearTimeout(timer);
        resolve();
      });
    }
  });
}
