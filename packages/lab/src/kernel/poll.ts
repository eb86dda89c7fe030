import { setTimeout as sleep } from "node:timers/promises";

/** Calls `check` until it gives a value or `boundMs` have passed; undefined then. It is called once at least. */
export async function poll<T>(
  check: () => Promise<T | undefined> | T | undefined,
  boundMs: number,
  intervalMs: number,
): Promise<T | undefined> {
  const end = performance.now() + boundMs;
  for (;;) {
    const value = await check();
    if (value !== undefined || performance.now() >= end) return value;
    await sleep(intervalMs);
  }
}
