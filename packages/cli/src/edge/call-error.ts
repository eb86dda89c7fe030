import { type ServiceError, status } from "@grpc/grpc-js";
import { SextantError } from "@sextant/model";
import { isErrorCode } from "../exit-code";

/** What a failed call means to the person who made it. A controller's own errors come as `code: message`. */
export function callError(error: ServiceError, server: string): SextantError {
  const { code, details } = error;
  const [, word = "", message = ""] = /^([a-z_]+): (.*)$/s.exec(details) ?? [];
  if (isErrorCode(word)) return new SextantError(word, message, { cause: error });
  if (code === status.UNAVAILABLE) {
    const cause = causeIn(details);
    const text = `cannot reach the controller at ${server}: ${adviceFor(cause)} (${cause})`;
    return new SextantError("unavailable", text, { cause: error });
  }
  if (code === status.CANCELLED) {
    return new SextantError("unavailable", `the controller at ${server} ended the call: it shuts down`, {
      cause: error,
    });
  }
  if (code === status.DEADLINE_EXCEEDED) {
    const text =
      `the controller at ${server} did not answer in time, and may yet do what it was asked: ` +
      "look with get before you ask again; --timeout gives it longer";
    return new SextantError("unavailable", text, { cause: error });
  }
  if (code === status.UNIMPLEMENTED) {
    const text = `what answers at ${server} is no Sextant controller of this version (${details})`;
    return new SextantError("unavailable", text, { cause: error });
  }
  return new SextantError("internal", `the controller at ${server} failed: ${details}`, { cause: error });
}

/** What usually helps, judged by the words of the TLS library. */
function adviceFor(cause: string): string {
  if (/certificate required|handshake failure/.test(cause)) {
    return "it wants to know who asks: give --tls-cert and --tls-key of an operator";
  }
  if (/altnames/.test(cause)) return "its certificate is for another name: give that one as --tls-server-name";
  if (/self-signed|unable to (get|verify)|unknown ca/i.test(cause)) {
    return "one side does not trust the other's certificate: check --tls-ca and --tls-cert";
  }
  return "is it running, is that its address, and does it want TLS?";
}

/** The system's own words in one line, without what the libraries wrap around them. */
function causeIn(details: string): string {
  const words = /Last error: (?:Error: )?(.*?)(?:\. Resolution note:.*)?$/s.exec(details)?.[1] ?? details;
  return words
    .replace(/\s*\(\d{4}-\d\d-\d\dT[^)]*\)/g, "")
    .replace(/^[0-9A-F]+:error:[0-9A-F]+:/, "")
    .replace(/:\.\.\/.*$/s, "")
    .trim();
}
