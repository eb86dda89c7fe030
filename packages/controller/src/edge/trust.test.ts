import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelCredentials, credentials, status } from "@grpc/grpc-js";
import { CertificateAuthority, type CertificateFiles } from "../testing/certificates";
import { DIAMOND } from "../testing/documents";
import { OperatorClient } from "../testing/operator-client";
import { ScriptedAgent } from "../testing/scripted-agent";
import { TestController } from "../testing/test-controller";
import { runController } from "../main";

const dir = mkdtempSync(join(tmpdir(), "sextant-trust-"));
const authority = new CertificateAuthority(dir);
const foreign = new CertificateAuthority(dir, "foreign");
const server = authority.issue("controller", "sextant:controllers");
const alice = authority.issue("alice", "sextant:agents");
const operator = authority.issue("ada", "sextant:operators");
/** The name in the controller's certificate; clients dial an address. */
const NAMED = { "grpc.ssl_target_name_override": "controller" };
const tls = { tlsCert: server.cert, tlsKey: server.key, tlsCa: authority.cert };

let controller: TestController;
let address: string;
let clients: { close(): void }[] = [];

beforeAll(async () => {
  const socket = `unix:${join(dir, "socket")}`;
  controller = await TestController.start({ ...tls, listen: ["127.0.0.1:0", socket] });
  address = controller.running.addresses[0] ?? "";
  const local = new OperatorClient(socket);
  await local.apply([DIAMOND]);
  local.close();
});
afterEach(() => {
  for (const client of clients) client.close();
  clients = [];
});
afterAll(async () => {
  await controller.stop();
  rmSync(dir, { recursive: true });
});

const agentWith = (host: string, channelCredentials: ChannelCredentials) => {
  const agent = new ScriptedAgent(address, host, channelCredentials, NAMED);
  clients.push(agent);
  return agent.hello();
};
const operatorWith = (channelCredentials: ChannelCredentials) => {
  const client = new OperatorClient(address, channelCredentials, NAMED);
  clients.push(client);
  return client;
};

describe("mutual TLS", () => {
  test("an agent's certificate opens the session of the host it names", async () => {
    expect((await agentWith("alice", authority.client(alice)).welcomed()).term).toBe(1n);
  });

  test.each<[string, string, () => CertificateFiles]>([
    ["another host's", "bob", () => alice],
    ["an operator's", "alice", () => operator],
    ["one without the agents' organisation", "alice", () => authority.issue("alice", "sextant:visitors")],
  ])("%s certificate does not", async (_what, host, files) => {
    const end = await agentWith(host, authority.client(files())).ended();
    expect(end.code).toBe(status.PERMISSION_DENIED);
  });

  test("operators' calls need an operator's certificate", async () => {
    await expect(operatorWith(authority.client(operator)).get("Host")).resolves.toHaveLength(2);
    const denied = { code: status.PERMISSION_DENIED };
    await expect(operatorWith(authority.client(alice)).get("Host")).rejects.toMatchObject(denied);
    await expect(operatorWith(authority.client(alice)).apply([DIAMOND])).rejects.toMatchObject(denied);
    await expect(operatorWith(authority.client(alice)).delete("Intent", "x")).rejects.toMatchObject(denied);
  });

  test.each<[string, () => ChannelCredentials]>([
    ["no certificate", () => authority.client()],
    ["plaintext", () => credentials.createInsecure()],
    ["a certificate of another authority", () => authority.client(foreign.issue("ada", "sextant:operators"))],
    ["an expired certificate", () => authority.client(authority.issue("ada", "sextant:operators", -1))],
  ])("%s gets no connection", async (_what, channelCredentials) => {
    await expect(operatorWith(channelCredentials()).get("Host")).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe("what a controller refuses to start with", () => {
  const text = join(dir, "text.pem");
  writeFileSync(text, "no PEM");
  const expired = authority.issue("controller", "old", -1);

  test.each<[string, Parameters<typeof runController>[0]]>([
    ["plaintext off loopback", { listen: ["0.0.0.0:0"] }],
    ["plaintext off loopback, IPv6", { listen: ["[::]:0"] }],
    ["certificates and --insecure", { ...tls, insecure: true }],
    ["a certificate without its key", { tlsCert: server.cert }],
    ["a missing file", { ...tls, tlsCert: join(dir, "absent.pem") }],
    ["a file that is no certificate", { ...tls, tlsCert: text }],
    ["a file that is no key", { ...tls, tlsKey: text }],
    ["another certificate's key", { ...tls, tlsKey: alice.key }],
    ["an expired certificate", { ...tls, tlsCert: expired.cert, tlsKey: expired.key }],
    ["an authority that is none", { ...tls, tlsCa: text }],
  ])("%s", async (_what, options) => {
    const dataDir = join(dir, "unused");
    const starting = runController({ dataDir, listen: ["127.0.0.1:0"], logLevel: "silent", ...options });
    await expect(starting).rejects.toMatchObject({ code: "invalid_argument" });
  });

  test("--insecure allows plaintext anywhere", async () => {
    const options = { dataDir: join(dir, "insecure"), listen: ["0.0.0.0:0"], insecure: true, logLevel: "silent" };
    const running = await runController(options);
    expect(running.addresses).toHaveLength(1);
    await running.close();
  });
});
