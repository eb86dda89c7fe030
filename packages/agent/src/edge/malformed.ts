import type { EntryReason } from "../reconcile/held-entry";

/** Why an entry cannot be read: a sentence for people. Thrown and caught while one entry is read. */
export class Malformed extends Error {
  constructor(
    message: string,
    readonly reason: Extract<EntryReason, "invalid_entry" | "unsupported_mode"> = "invalid_entry",
  ) {
    super(message);
  }
}

/** Throws Malformed unless there are as many as there may be. */
export function count(what: string, actual: number, min: number, max: number): void {
  check(actual >= min && actual <= max, `${actual} ${what}: expected ${min} to ${max}`);
}

/** Throws Malformed unless the condition holds. */
export function check(holds: boolean, message: string): void {
  if (!holds) throw new Malformed(message);
}
