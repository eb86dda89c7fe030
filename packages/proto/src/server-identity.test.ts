import type { PeerCertificate } from "node:tls";
import { serverIdentity } from "./server-identity";

const MISMATCH = "ERR_TLS_CERT_ALTNAME_INVALID";
const certificate = (subjectaltname: string) => ({ subject: {}, subjectaltname }) as unknown as PeerCertificate;

describe("the identity of a server", () => {
  test.each([
    ["[2001:db8::1]:7443", "IP Address:2001:DB8:0:0:0:0:0:1"],
    ["192.0.2.1:7443", "IP Address:192.0.2.1"],
  ])("%s is checked against the addresses of its certificate, and never sent as a server name", (target, name) => {
    const { options, verify } = serverIdentity(target, undefined);
    expect(options["grpc.ssl_target_name_override"]).not.toContain(":");
    expect(options["grpc.ssl_target_name_override"]).not.toMatch(/\d/);
    expect(verify.checkServerIdentity?.("sextant.invalid", certificate(name))).toBeUndefined();
    expect(verify.checkServerIdentity?.("sextant.invalid", certificate("DNS:sextant.invalid"))).toHaveProperty(
      "code",
      MISMATCH,
    );
    expect(verify.checkServerIdentity?.("sextant.invalid", certificate("IP Address:192.0.2.9"))).toHaveProperty(
      "code",
      MISMATCH,
    );
  });

  test("a name that is given stands for the address", () => {
    const { options, verify } = serverIdentity("192.0.2.1:7443", "controller");
    expect(options).toMatchObject({ "grpc.ssl_target_name_override": "controller" });
    expect(verify).toEqual({});
  });

  test("a host name or a socket is left to the library", () => {
    expect(serverIdentity("controller.example.com:7443", undefined)).toEqual({ options: {}, verify: {} });
    expect(serverIdentity("unix:/run/sextant.sock", undefined)).toEqual({ options: {}, verify: {} });
  });
});
