import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerCredentials } from "@grpc/grpc-js";
import { CertificateAuthority } from "../../../controller/src/testing/certificates";
import { codeOf } from "../../../../test/support/code-of";
import { eventually } from "../../../../test/support/eventually";
import type { TlsFiles } from "../config";
import { ScriptedController } from "../testing/scripted-controller";
import { channelOptions, sessionCredentials } from "./credentials";
import { Session } from "./session";

let directory: string;
let authority: CertificateAuthority;
let tls: TlsFiles;
let controller: ScriptedController;
let session: Session | undefined;
const reasons: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "tls-"));
  authority = new CertificateAuthority(directory);
  const server = authority.issue("controller", "sextant");
  const client = authority.issue("h1", "sextant:agents");
  tls = { certFile: client.cert, keyFile: client.key, caFile: authority.cert };
  const pair = { private_key: readFileSync(server.key), cert_chain: readFileSync(server.cert) };
  const credentials = ServerCredentials.createSsl(readFileSync(authority.cert), [pair], true);
  controller = await ScriptedController.start(undefined, credentials);
});
afterEach(() => session?.stop());
afterAll(() => {
  controller.kill();
  rmSync(directory, { recursive: true });
});

function dial(files: TlsFiles, tlsServerName?: string): void {
  const config = { tls: files, controller: controller.address, tlsServerName };
  reasons.length = 0;
  session = new Session({
    target: controller.address,
    credentials: () => sessionCredentials(config),
    channelOptions: channelOptions(config),
    log: { info: () => undefined, warn: (fields) => reasons.push(JSON.stringify(fields)) },
    random: () => 0,
    agent: {
      hello: () => ({
        host: "h1",
        agentVersion: "",
        kernelRelease: "",
        maxSegments: 1,
        term: 0n,
        features: [],
        held: [],
      }),
      welcome: () => undefined,
      install: ({ version }) => Promise.resolve({ version, entries: [] }),
      linksDown: () => undefined,
      sessionLost: () => undefined,
    },
  });
  session.start();
}

test.each([
  ["by its address", undefined],
  ["by the name given", "controller"],
])("mutual TLS, the controller known %s", async (_, name) => {
  const before = controller.streams.length;
  dial(tls, name);
  expect((await (await controller.stream(before)).message("hello")).host).toBe("h1");
});

test.each<[string, () => Partial<TlsFiles>, string | undefined]>([
  [
    "a controller of another authority",
    () => ({ caFile: new CertificateAuthority(directory, "other").cert }),
    undefined,
  ],
  ["a controller of another name", () => ({}), "elsewhere"],
])("%s is not believed", async (_, change, name) => {
  const before = controller.streams.length;
  dial({ ...tls, ...change() }, name);
  await eventually("two attempts failed", () => reasons.length >= 2);
  expect(controller.streams).toHaveLength(before);
});

test("a certificate that is renewed on disk is used at the next attempt", async () => {
  const certFile = join(directory, "renewed.crt");
  copyFileSync(new CertificateAuthority(directory, "third").cert, certFile);
  const before = controller.streams.length;
  dial({ ...tls, certFile });
  await eventually("an attempt failed", () => reasons.length >= 1);
  copyFileSync(tls.certFile, certFile);
  expect((await (await controller.stream(before)).message("hello")).host).toBe("h1");
});

test.each<[string, () => Partial<TlsFiles>]>([
  ["missing", () => ({ certFile: join(directory, "nowhere") })],
  [
    "no PEM",
    () => {
      writeFileSync(join(directory, "rubbish"), "rubbish");
      return { keyFile: join(directory, "rubbish") };
    },
  ],
])("a file that is %s is named at the start", (_, change) => {
  const config = { tls: { ...tls, ...change() }, controller: controller.address, tlsServerName: undefined };
  expect(codeOf(() => sessionCredentials(config))).toBe("invalid_argument");
});
