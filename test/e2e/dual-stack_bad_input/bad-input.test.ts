// What desk cannot do, for something that an intent or the topology names is not there. It is told with its reason by `describe`
// and in the agent's log, and packets go on as before. The network of ../rig/dual-stack.ts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually";
import { NameServer } from "../../support/name-server";
import { Namespaces } from "../../support/namespaces";
import { captured } from "../rig/captured";
import { exchange } from "../rig/datagrams";
import { AT_STUDIO, intent, STUDIO } from "../rig/dual-stack";
import { example, Rig } from "../rig/rig";

jest.setTimeout(90_000);

const NAME = "cdn.example";
const TTL_SECONDS = 1;
const PORTS = { plain: 5_000, name: 5_001 };
/** Until a resolver has given up on a server that is silent. */
const SILENCE_MS = 30_000;

const topologyFile = example("dual-stack", "topology.yaml");
const directory = mkdtempSync(join(tmpdir(), "bad-input-"));
const keyFile = join(directory, "keys.yaml");
const secretFile = join(directory, "secret");

let rig: Rig;
let namespaces: Namespaces;
let server: NameServer;
beforeAll(async () => {
  writeFileSync(keyFile, `keys: [{id: 1, secretFile: ${secretFile}}]\n`, { mode: 0o600 });
  rig = await Rig.up({ topology: "dual-stack", undelayed: true, daemons: "none" });
  namespaces = new Namespaces();
  server = new NameServer(namespaces, rig.lab.namespaceOf("desk"), TTL_SECONDS);
  await rig.lab.startController();
  await rig.applyFile(topologyFile);
  await rig.lab.startAgent("studio");
  await rig.lab.startAgent("desk", ["--dns-server", server.address, "--signing-keys", keyFile]);
  await rig.apply(intent("plain", `{ports: [${PORTS.plain}]}`, ["mode: encap"]));
  await rig.live("plain");
}, 60_000);
afterAll(async () => {
  await server.remove();
  await rig.down();
  namespaces.remove();
  rmSync(directory, { recursive: true });
});

/** Waits until `describe` says that of an intent; gives all that it says of it and of the host, and the agent's log. */
async function told(name: string, text: string, timeoutMs?: number) {
  await eventually(
    `describe intent ${name} says ${text}`,
    async () => (await rig.describe("intent", name)).includes(text),
    timeoutMs,
  );
  const log = readFileSync(rig.lab.daemonLog({ agent: "desk" }), "utf8");
  return {
    host: await rig.describe("host", "desk"),
    log: log
      .split("\n")
      .filter((line) => line.includes(`/${name}/`))
      .join("\n"),
  };
}

/** Sends ten datagrams to a port of studio: how many arrived, and how many of them in an outer header. */
async function sent(port: number) {
  const flow = { from: "desk", to: "studio", address: STUDIO[6], port };
  const { result, packets } = await captured(rig, { last: AT_STUDIO }, () => exchange(rig, flow));
  const seen = packets.last.filter(({ transport }) => transport?.port === port);
  return { received: result.received.length, steered: seen.filter(({ headers }) => headers.length > 1).length };
}
const ALL_STEERED = { received: 10, steered: 10 };

test.each([
  ["cgroup", "cgroup: apps/ghost", "CgroupMissing", "cgroup_missing", "apps/ghost"],
  ["unit", "systemdUnit: ghost.service", "UnitMissing", "unit_missing", "ghost.service"],
  ["user", "user: nobody-has-this-name", "UserUnknown", "user_unknown", "nobody-has-this-name"],
  ["program", "executable: /usr/bin/ghost", "ExecutableMissing", "executable_missing", "/usr/bin/ghost"],
])("a %s that is not there is waited for", async (name, application, word, reason, culprit) => {
  await rig.apply(intent(name, `{${application}}`, ["mode: encap"]));
  const { host, log } = await told(name, `Installed is false: ${word}: policy/${name}/studio is waiting: `);
  const line = host.split("\n").find((one) => one.includes(`policy/${name}/studio is waiting: ${reason}: `));
  expect(line).toContain(culprit);
  expect(log).toContain(`"reason":"${reason}"`);
  expect(log).toContain(culprit);
  expect(await sent(PORTS.plain)).toEqual(ALL_STEERED);
});

test("a name that no server resolves is waited for; when the servers fail, the last good addresses stay, and it is said", async () => {
  const to = [`to: {names: [{name: ${NAME}, at: studio}]}`, "mode: encap"];
  await rig.apply(intent("name", `{ports: [${PORTS.name}]}`, to));
  await told("name", `Installed is false: DnsUnresolved: policy/name/${NAME} is waiting: ${NAME}: `);
  expect(await sent(PORTS.name)).toEqual({ received: 10, steered: 0 });

  server.know({ [NAME]: [STUDIO[6]] });
  await server.start();
  await eventually("the name is resolved", async () => (await sent(PORTS.name)).steered === 10, SILENCE_MS);
  await rig.live("name");
  await server.stop();
  const { host, log } = await told("name", "installed, but DnsStale: generation 1 is in the kernel; ", SILENCE_MS);
  const story = await rig.describe("intent", "name");
  expect(story).toMatch(new RegExp(`policy/name/${NAME}: ${NAME}: no name server answers .* last good addresses`));
  expect(host).toContain(`policy/name/${NAME} is installed, but dns_stale: ${NAME}: no name server answers`);
  expect(log).toContain('"reason":"dns_stale"');
  await rig.live("name");
  expect(await sent(PORTS.name)).toEqual(ALL_STEERED);
});

test("lists whose key is missing wait and name the file; those from before go on", async () => {
  const signed = readFileSync(topologyFile, "utf8").replace("\n  nodes:\n", "\n  signing: {keyId: 1}\n  nodes:\n");
  await rig.apply(signed);
  const { host, log } = await told("plain", "Installed is false: KeyMissing: policy/plain/studio is waiting: ");
  const sentence = `signing key 1: ${secretFile} does not exist`;
  expect(host).toMatch(new RegExp(`list/[0-9a-f]{16} is waiting: key_missing: ${sentence}`));
  expect(host).toContain("policy/plain/studio is waiting: key_missing: ");
  expect(log).toContain(sentence);
  expect(await sent(PORTS.plain)).toEqual(ALL_STEERED);
});
