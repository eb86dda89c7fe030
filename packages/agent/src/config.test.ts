import { codeOf } from "../../../test/support/code-of";
import { type AgentOptions, agentConfig } from "./config";

const base: AgentOptions = { host: "h1", controller: "127.0.0.1:7400" };
const tls = { tlsCert: "a.pem", tlsKey: "b.pem", tlsCa: "c.pem" };

test("defaults", () => {
  expect(agentConfig(base)).toEqual({
    host: "h1",
    controller: "127.0.0.1:7400",
    tls: undefined,
    tlsServerName: undefined,
    uplinks: [],
    instance: "h1",
    stateDir: "/var/lib/sextant/agent",
    cgroupRoot: undefined,
    dnsServers: [],
    signingKeys: undefined,
    hook: undefined,
    tcpMoves: true,
    logLevel: "info",
  });
});

test.each<[string, Partial<AgentOptions>]>([
  ["loopback over IPv6", { controller: "[::1]:7400" }],
  ["a unix socket", { controller: "unix:/run/sextant.sock" }],
  ["localhost", { controller: "localhost:7400" }],
  ["elsewhere with TLS", { controller: "[2001:db8::1]:7400", ...tls }],
  ["elsewhere in plaintext on request", { controller: "192.0.2.1:7400", insecure: true }],
  ["name servers", { dnsServer: ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"] }],
  ["clsact", { hook: "clsact" }],
])("accepted: %s", (_, change) => {
  expect(agentConfig({ ...base, ...change })).toMatchObject({ host: "h1" });
});

test.each<[string, Partial<AgentOptions>]>([
  ["plaintext to elsewhere", { controller: "192.0.2.1:7400" }],
  ["a name that only looks like loopback", { controller: "127.example.org:7400" }],
  ["no port", { controller: "localhost" }],
  ["a port that is none", { controller: "localhost:70000" }],
  ["two of three TLS files", { tlsCert: "a.pem", tlsKey: "b.pem" }],
  ["TLS and plaintext at once", { ...tls, insecure: true }],
  ["an unknown hook", { hook: "xdp" }],
  ["a switch that is neither on nor off", { tcpMoves: "yes" }],
  ["an unknown log level", { logLevel: "loud" }],
  ["an instance that leaves the directory", { instance: "../x" }],
  ["a name server by name", { dnsServer: ["dns.example"] }],
  ["a name server with a port too many", { dnsServer: ["192.0.2.1:65536"] }],
  ["an empty host", { host: "" }],
])("refused: %s", (_, change) => {
  expect(codeOf(() => agentConfig({ ...base, ...change }))).toBe("invalid_argument");
});
