import type { ErrorCode } from "@sextant/model";

/** What the exit status of every command means. */
export const EXIT = {
  /** Done as asked. */
  ok: 0,
  /** The input is at fault: a document, a name, a value. */
  badInput: 1,
  /** The command line is at fault. */
  usage: 2,
  /** The question was answered, and the answer is no: for example no path satisfies the intent. */
  notSatisfied: 3,
  /** The other side cannot be reached, or refuses the caller. */
  unavailable: 4,
  /** The machine or the program is at fault. */
  failed: 5,
} as const;

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  invalid_document: EXIT.badInput,
  invalid_argument: EXIT.badInput,
  not_found: EXIT.badInput,
  conflict: EXIT.badInput,
  resource_exhausted: EXIT.badInput,
  unavailable: EXIT.unavailable,
  permission_denied: EXIT.unavailable,
  unauthenticated: EXIT.unavailable,
  port_in_use: EXIT.failed,
  store_corrupt: EXIT.failed,
  store_full: EXIT.failed,
  store_locked: EXIT.failed,
  missing_privilege: EXIT.failed,
  missing_kernel_feature: EXIT.failed,
  missing_program: EXIT.failed,
  interface_gone: EXIT.failed,
  map_full: EXIT.failed,
  lab_exists: EXIT.badInput,
  lab_failed: EXIT.failed,
  internal: EXIT.failed,
};

/** Exit status of a failure. */
export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code];
}

/** True for words that are stable codes, whatever version of the program they come from. */
export function isErrorCode(word: string): word is ErrorCode {
  return Object.hasOwn(BY_CODE, word);
}
