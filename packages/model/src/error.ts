/** Stable codes of every failure that a person or program may have to react to. */
export type ErrorCode =
  | "invalid_document"
  | "invalid_argument"
  | "not_found"
  | "conflict"
  | "resource_exhausted"
  | "unavailable"
  | "permission_denied"
  | "unauthenticated"
  | "port_in_use"
  | "store_corrupt"
  | "store_full"
  | "store_locked"
  | "missing_privilege"
  | "missing_kernel_feature"
  | "missing_program"
  | "interface_gone"
  | "map_full"
  | "lab_exists"
  | "lab_failed"
  | "internal";

/** The one error class: a stable code, a message that says what to do next, and the kept cause. */
export class SextantError extends Error {
  override readonly name = "SextantError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  /** Wraps anything thrown; an error of ours passes through unchanged. */
  static from(thrown: unknown, code: ErrorCode = "internal"): SextantError {
    if (thrown instanceof SextantError) return thrown;
    return new SextantError(code, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}
