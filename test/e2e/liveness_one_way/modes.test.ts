// Both ways back answer, however the probes are written: inserted, with outer headers, in carriers, signed. The network of
// ../rig/dual-stack.ts.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually";
import { dualStack, intent } from "../rig/dual-stack";
import { example } from "../rig/rig";
import { PROBES } from "../rig/three-ways";

jest.setTimeout(90_000);

const directory = mkdtempSync(join(tmpdir(), "modes-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Rounds in which a way back that does not answer would have been asked after often enough to be dead. */
const ROUNDS = 100;
const ONE_KEY = `keys:\n  - {id: 1, secretHex: "${Buffer.from("a secret").toString("hex")}"}\n`;

/** The example's topology with a key to sign with, and the key. */
function signed(): { readonly topology: string; readonly signingKeys: string } {
  const [topology, signingKeys] = ["topology.yaml", "keys.yaml"].map((name) => join(directory, name)) as [
    string,
    string,
  ];
  const text = readFileSync(example("dual-stack", "topology.yaml"), "utf8");
  writeFileSync(topology, text.replace("\n  nodes:\n", "\n  signing: {keyId: 1}\n  nodes:\n"));
  writeFileSync(signingKeys, ONE_KEY);
  chmodSync(signingKeys, 0o600);
  return { topology, signingKeys };
}

test.each([
  ["inserted", "insert", () => ({})],
  ["with outer headers", "encap", () => ({})],
  ["in carriers", "usid", () => ({})],
  ["signed", "encap", signed],
] as const)("%s", async (_how, mode, options) => {
  const application = '{protocol: udp, ports: ["5000"]}';
  const calls = intent("calls", application, [`mode: ${mode}`, "protection: {backups: 1, disjoint: link}"]);
  await using rig = await dualStack({ calls }, { controllerFlags: PROBES, ...options() });
  const { policies } = await rig.intent("calls");
  const lists = policies.flatMap(({ candidates }) => candidates.flatMap(({ segmentLists }) => segmentLists));
  const withTwo = lists.filter(({ alternateProbeSegments = [] }) => alternateProbeSegments.length > 0);
  expect(withTwo.map(({ list }) => list)).toEqual(lists.map(({ list }) => list));
  const known = async () =>
    (await rig.agentStatus("desk")).lists.filter(({ list }) => lists.some((one) => one.list === list));
  await eventually("probes went by both loops", async () =>
    (await known()).every(({ probesSent }) => Number(probesSent) > ROUNDS),
  );
  expect((await known()).map(({ state, deadReturns }) => [state, deadReturns])).toEqual(lists.map(() => ["alive", 0]));
});
