import { type ServiceError, status } from "@grpc/grpc-js";
import { type ErrorCode, SextantError } from "@sextant/model";

const CODES: Readonly<Partial<Record<status, ErrorCode>>> = {
  [status.INVALID_ARGUMENT]: "invalid_argument",
  [status.NOT_FOUND]: "not_found",
  [status.FAILED_PRECONDITION]: "conflict",
  [status.ABORTED]: "conflict",
  [status.ALREADY_EXISTS]: "conflict",
  [status.RESOURCE_EXHAUSTED]: "resource_exhausted",
  [status.PERMISSION_DENIED]: "permission_denied",
  [status.UNAUTHENTICATED]: "unauthenticated",
};

/** What a failed call means to the person who made it. */
export function callError(error: ServiceError, server: string): SextantError {
  const { code, details } = error;
  if (code === status.UNAVAILABLE) {
    const message = `cannot reach the controller at ${server}: is it running, and is that its address? (${details})`;
    return new SextantError("unavailable", message, { cause: error });
  }
  if (code === status.DEADLINE_EXCEEDED) {
    const message = `the controller at ${server} did not answer in time: --timeout gives it longer`;
    return new SextantError("unavailable", message, { cause: error });
  }
  if (code === status.UNIMPLEMENTED) {
    const message = `what answers at ${server} is no Sextant controller of this version (${details})`;
    return new SextantError("unavailable", message, { cause: error });
  }
  return new SextantError(CODES[code] ?? "internal", details === "" ? error.message : details, { cause: error });
}
