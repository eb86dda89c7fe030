import { type StatusObject, status } from "@grpc/grpc-js";
import { type ErrorCode, SextantError } from "@sextant/model";

/** gRPC status per code; what is not listed is INTERNAL. */
const STATUS: Partial<Record<ErrorCode, status>> = {
  invalid_argument: status.INVALID_ARGUMENT,
  invalid_document: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  conflict: status.FAILED_PRECONDITION,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  store_full: status.RESOURCE_EXHAUSTED,
  store_locked: status.FAILED_PRECONDITION,
  store_corrupt: status.DATA_LOSS,
  unavailable: status.UNAVAILABLE,
  permission_denied: status.PERMISSION_DENIED,
  unauthenticated: status.UNAUTHENTICATED,
};

/** What a caller is told: `code: message`, so that the stable code survives where only text is shown. */
export function serviceError(thrown: unknown): Pick<StatusObject, "code" | "details"> & Error {
  const error = SextantError.from(thrown);
  const details = `${error.code}: ${error.message}`;
  return Object.assign(new Error(details), { code: STATUS[error.code] ?? status.INTERNAL, details });
}
