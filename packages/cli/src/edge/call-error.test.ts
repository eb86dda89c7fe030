import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { callError } from "./call-error";

function failed(code: status, details: string): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}

describe("a failed call", () => {
  test.each([
    [status.NOT_FOUND, "not_found: no such host", "not_found"],
    [status.FAILED_PRECONDITION, "conflict: still in use", "conflict"],
    [status.UNAVAILABLE, "unavailable: the controller shuts down", "unavailable"],
    [status.UNAVAILABLE, "No connection established. Last error: connect ECONNREFUSED", "unavailable"],
    [status.DEADLINE_EXCEEDED, "Deadline exceeded after 1.0s", "unavailable"],
    [status.UNIMPLEMENTED, "unknown service", "unavailable"],
    [status.CANCELLED, "Call cancelled", "unavailable"],
    [status.INTERNAL, "something else: broke", "internal"],
  ])("%s with %j is %s", (code, details, expected) => {
    expect(callError(failed(code, details), "127.0.0.1:7443").code).toBe(expected);
  });

  test.each([
    [
      "ssl3_read_bytes:tlsv13 alert certificate required:../deps/x.c:1601:SSL alert number 116\n (2026-01-01T00:00:00Z)",
      "--tls-cert",
    ],
    ["Error: Hostname/IP does not match certificate's altnames: IP: 127.0.0.1", "--tls-server-name"],
    ["Error: self-signed certificate in certificate chain", "--tls-ca"],
    ["Error: connect ECONNREFUSED 127.0.0.1:7443", "is it running"],
  ])("what helps against %j is said in one line", (cause, advice) => {
    const { message } = callError(
      failed(status.UNAVAILABLE, `No connection established. Last error: ${cause}. Resolution note: `),
      "x",
    );
    expect(message).toContain(advice);
    expect(message.split("\n")).toHaveLength(1);
  });

  test("a controller's message arrives without its code", () => {
    expect(callError(failed(status.NOT_FOUND, "not_found: no such host"), "x").message).toBe("no such host");
  });
});
