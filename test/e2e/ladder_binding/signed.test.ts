// The ladder of ./binding.test.ts with signed lists: routers take nothing unsigned, and the outer header of a binding SID is signed too.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exchange } from "../rig/datagrams";
import { intent } from "../rig/dual-stack";
import { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const PORT = 5_000;
const directory = mkdtempSync(join(tmpdir(), "signed-binding-"));

let rig: Rig;
beforeAll(async () => {
  const signingKeys = join(directory, "keys.yaml");
  const secretHex = Buffer.from("a secret").toString("hex");
  writeFileSync(signingKeys, `keys:\n  - {id: 1, secretHex: "${secretHex}"}\n`);
  chmodSync(signingKeys, 0o600);
  const topology = join(directory, "ladder.yaml");
  const ladder = readFileSync(join(__dirname, "ladder.yaml"), "utf8");
  writeFileSync(topology, ladder.replace("\n  nodes:\n", "\n  signing: {keyId: 1}\n  nodes:\n"));
  rig = await Rig.up({ topology, undelayed: true, signingKeys });
  const spec = ["from: {hosts: [alice]}", "to: {hosts: [bob]}", "mode: encap", "onNoPath: drop"];
  await rig.apply(intent("calls", `{protocol: udp, ports: [${PORT}]}`, spec));
  await rig.live("calls");
}, 60_000);
afterAll(async () => {
  await rig.down();
  rmSync(directory, { recursive: true });
});

test("a signed list goes through a binding SID, and its probes come home", async () => {
  const { policies } = await rig.intent("calls");
  expect(policies[0]?.candidates[0]?.segmentLists[0]).toMatchObject({ signingKeyId: 1, bindings: ["middle"] });
  const { received } = await exchange(rig, { from: "alice", to: "bob", address: "2001:db8:b::1", port: PORT });
  expect(received).toHaveLength(10);
});
