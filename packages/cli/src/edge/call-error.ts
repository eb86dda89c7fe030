import { type ServiceError, status } from "@grpc/grpc-js";
import { SextantError } from "@sextant/model";
import { isErrorCode } from "../exit-code";

/** What a failed call means to the person who made it. A controller's own errors come as `code: message`. */
export function callError(error: ServiceError, server: string): SextantError {
  const { code, details } = error;
  const [, word = "", message = ""] = /^([a-z_]+): (.*)$/s.exec(details) ?? [];
  if (isErrorCode(word)) return new SextantError(word, message, { cause: error });
  if (code === status.UNAVAILABLE) {
    const text = `cannot reach the controller at ${server}: is it running, and is that its address? (${causeIn(details)})`;
    return new SextantError("unavailable", text, { cause: error });
  }
  if (code === status.DEADLINE_EXCEEDED) {
    const text = `the controller at ${server} did not answer in time: --timeout gives it longer`;
    return new SextantError("unavailable", text, { cause: error });
  }
  if (code === status.UNIMPLEMENTED) {
    const text = `what answers at ${server} is no Sextant controller of this version (${details})`;
    return new SextantError("unavailable", text, { cause: error });
  }
  return new SextantError("internal", `the controller at ${server} failed: ${details}`, { cause: error });
}

/** The system's own words, without what the gRPC library wraps around them. */
function causeIn(details: string): string {
  return /Last error: (?:Error: )?(.*?)(?:\. Resolution note:.*)?$/s.exec(details)?.[1] ?? details;
}
