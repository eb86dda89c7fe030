import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { channelFor, isLocal } from "./channel";

const codeOf = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe("the channel to a controller", () => {
  test.each([
    ["127.0.0.1:7443", true],
    ["127.9.9.9:1", true],
    ["localhost:7443", true],
    ["[::1]:7443", true],
    ["unix:/run/sextant/controller.sock", true],
    ["[2001:db8::1]:7443", false],
    ["198.51.100.1:7443", false],
    ["127.example.com:7443", false],
    ["localhost.example.com:7443", false],
  ])("%s is on this machine: %s", (server, local) => {
    expect(isLocal(server)).toBe(local);
  });

  test("plaintext stays on this machine unless told otherwise", () => {
    const server = "controller.example.com:7443";
    expect(codeOf(() => channelFor({ server, timeout: 1 }))).toBe("invalid_argument");
    expect(codeOf(() => channelFor({ server, timeout: 1, insecure: true }))).toBeUndefined();
    expect(codeOf(() => channelFor({ server: "127.0.0.1:7443", timeout: 1 }))).toBeUndefined();
  });

  describe("with TLS files", () => {
    const directory = mkdtempSync(join(tmpdir(), "sextant-cli-"));
    const rubbish = join(directory, "rubbish.pem");
    writeFileSync(rubbish, "no PEM");
    afterAll(() => rmSync(directory, { recursive: true }));

    test.each([
      ["a certificate without its key", { tlsCert: rubbish }],
      ["a missing file", { tlsCa: join(directory, "absent.pem") }],
      ["files that hold no PEM", { tlsCert: rubbish, tlsKey: rubbish }],
    ])("%s is refused", (_, files) => {
      expect(codeOf(() => channelFor({ server: "127.0.0.1:7443", timeout: 1, ...files }))).toBe("invalid_argument");
    });
  });

  test("the expected server name replaces the address in the TLS handshake", () => {
    const { options } = channelFor({ server: "127.0.0.1:7443", timeout: 1, tlsServerName: "controller" });
    expect(options).toMatchObject({ "grpc.ssl_target_name_override": "controller" });
  });
});
