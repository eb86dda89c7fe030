import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logVerbosity, Server, setLogVerbosity } from "@grpc/grpc-js";
import { bind } from "./bind";
import { isLoopback, parseListenAddress } from "./listen-address";

const dir = mkdtempSync(join(tmpdir(), "sextant-bind-"));
const others: NetServer[] = [];
const servers: Server[] = [];

beforeAll(() => setLogVerbosity(logVerbosity.NONE));
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
  for (const other of others.splice(0)) other.close();
});
afterAll(() => rmSync(dir, { recursive: true }));

const open = (text: string) => {
  const server = new Server();
  servers.push(server);
  return bind(server, parseListenAddress(text), undefined);
};

/** Another program that listens on a path or a port of 127.0.0.1. */
const occupy = (where: string | undefined) =>
  new Promise<number>((resolve) => {
    const other = createServer().listen(where === undefined ? { port: 0, host: "127.0.0.1" } : { path: where }, () => {
      const address = other.address();
      resolve(address !== null && typeof address === "object" ? address.port : 0);
    });
    others.push(other);
  });

describe("listen addresses", () => {
  test.each([
    ["127.0.0.1:7443", true],
    ["127.9.9.9:1", true],
    ["localhost:0", true],
    ["[::1]:7443", true],
    ["unix:/run/sextant.sock", true],
    ["0.0.0.0:7443", false],
    ["192.0.2.1:7443", false],
    ["[::]:7443", false],
    ["[2001:db8::1]:7443", false],
    ["[::ffff:127.0.0.1]:7443", false],
  ])("%s: loopback %s", (text, loopback) => {
    expect(isLoopback(parseListenAddress(text))).toBe(loopback);
  });

  test.each([
    "7443",
    "127.0.0.1",
    "127.0.0.1:70000",
    "::1:7443",
    "[::1]",
    "example.org:1",
    "unix:relative",
    "unix:",
    `unix:/${"x".repeat(107)}`,
  ])("%s is none", (text) => {
    expect(() => parseListenAddress(text)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});

describe("binding", () => {
  test("port 0 takes a free port and says which", async () => {
    expect(await open("127.0.0.1:0")).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  });

  test("a port that is taken is named", async () => {
    const port = await occupy(undefined);
    await expect(open(`127.0.0.1:${port}`)).rejects.toMatchObject({ code: "port_in_use" });
  });

  test("a unix socket is its owner's alone", async () => {
    const path = join(dir, "own");
    await open(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("a socket that somebody listens on is left alone", async () => {
    const path = join(dir, "taken");
    await occupy(path);
    await expect(open(`unix:${path}`)).rejects.toMatchObject({ code: "port_in_use" });
    expect(existsSync(path)).toBe(true);
  });

  test("a socket that a killed process left behind is replaced", async () => {
    const path = join(dir, "stale");
    const { execFileSync } = await import("node:child_process");
    const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    expect(() => execFileSync(process.execPath, ["-e", script], { stdio: "pipe" })).toThrow();
    expect(statSync(path).isSocket()).toBe(true);
    expect(await open(`unix:${path}`)).toBe(`unix:${path}`);
  });

  test("a file that is no socket is left alone", async () => {
    const path = join(dir, "file");
    writeFileSync(path, "precious");
    await expect(open(`unix:${path}`)).rejects.toMatchObject({ code: "invalid_argument" });
    expect(existsSync(path)).toBe(true);
  });

  test("an address that this machine does not have is refused", async () => {
    await expect(open("192.0.2.1:0")).rejects.toMatchObject({ code: "invalid_argument" });
  });
});
