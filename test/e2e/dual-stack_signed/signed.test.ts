// Every list carries an HMAC, and routers take nothing else. The network of ../rig/dual-stack.ts.
import { createHmac } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually";
import { captured } from "../rig/captured";
import { exchange } from "../rig/datagrams";
import { DESK, dualStack, FAMILIES, FROM_DESK, intent, STUDIO } from "../rig/dual-stack";
import { example, type Rig } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(60_000);

const OLD = { id: 1, secret: "the old one" };
const NEW = { id: 2, secret: "the new one" };
const PORT = 5_000;
const HMAC_TLV = 5;

const directory = mkdtempSync(join(tmpdir(), "signed-"));
const keyFile = join(directory, "keys.yaml");
const topologyFile = join(directory, "topology.yaml");

/** The example's topology with a key to sign with. */
function topologySignedBy(keyId: number): string {
  const text = readFileSync(example("dual-stack", "topology.yaml"), "utf8");
  return text.replace("\n  nodes:\n", `\n  signing: {keyId: ${keyId}}\n  nodes:\n`);
}

let rig: Rig;
beforeAll(async () => {
  const hex = ({ id, secret }: typeof OLD) => `  - {id: ${id}, secretHex: "${Buffer.from(secret).toString("hex")}"}\n`;
  writeFileSync(keyFile, `keys:\n${hex(OLD)}${hex(NEW)}`);
  chmodSync(keyFile, 0o600);
  writeFileSync(topologyFile, topologySignedBy(OLD.id));
  const mode = intent("calls", `{protocol: udp, ports: ["${PORT}-${PORT + 1}"]}`, ["mode: encap", "onNoPath: drop"]);
  rig = await dualStack({ calls: mode }, { topology: topologyFile, signingKeys: keyFile });
}, 60_000);
afterAll(async () => {
  await rig.down();
  rmSync(directory, { recursive: true });
});

/** Ten datagrams, and what the first router sees of them. */
async function sent(family: 4 | 6) {
  const { result, packets } = await captured(rig, { first: FROM_DESK }, () =>
    exchange(rig, { from: "desk", to: "studio", address: STUDIO[family], port: PORT }),
  );
  return { received: result.received.length, first: packets.first.filter(({ transport }) => transport?.port === PORT) };
}

/** RFC 8754 section 2.1.2.1, written down a second time. */
function digest(segments: readonly string[], flags: number, { id, secret }: typeof OLD): string {
  const bytes = (address: string) => {
    const [head = "", tail = ""] = address.split("::");
    const words = (text: string) => (text === "" ? [] : text.split(":").map((word) => word.padStart(4, "0")));
    const zeros = Array.from({ length: 8 - words(head).length - words(tail).length }, () => "0000");
    return Buffer.from([...words(head), ...zeros, ...words(tail)].join(""), "hex");
  };
  const fixed = Buffer.alloc(6);
  fixed.set([segments.length - 1, flags]);
  fixed.writeUInt32BE(id, 2);
  const text = [bytes(DESK[6]), fixed, ...[...segments].reverse().map(bytes)];
  return createHmac("sha256", secret).update(Buffer.concat(text)).digest("hex");
}

test.each(FAMILIES)("IPv%i: accepted by every router, with the signature that the RFC asks for", async (family) => {
  const { received, first } = await sent(family);
  expect([received, first.length]).toEqual([10, 10]);
  for (const { headers } of first) {
    const srh = headers[0]?.srh;
    const [tlv, ...more] = srh?.tlvs ?? [];
    expect(more).toEqual([]);
    expect(tlv?.type).toBe(HMAC_TLV);
    // The D bit: the first segment is in the destination alone. Then the key's number, and the digest.
    expect(tlv?.value).toBe(`800000000001${digest(srh?.segments ?? [], srh?.flags ?? 0, OLD)}`);
  }
});

test("with a wrong key at a router nothing passes it: probes neither, so that the policy drops", async () => {
  await rig.lab.setSigningKey(OLD.id, "another one", ["fra"]);
  await eventually("the path is dead", async () => (await rig.intent("calls")).policies[0]?.activeCandidate === -1);
  expect((await sent(6)).received).toBe(0);
  await rig.lab.setSigningKey(OLD.id, OLD.secret, ["fra"]);
  await rig.live("calls");
  expect((await sent(6)).received).toBe(10);
});

test("another key takes over while packets flow, and the old one goes: none is lost", async () => {
  const stream = await Stream.start(rig, { from: "desk", to: "studio", port: PORT + 1 });
  await rig.apply(topologySignedBy(NEW.id));
  await eventually("the list is signed with the new key", async () => {
    const { policies } = await rig.intent("calls");
    const list = policies[0]?.candidates[0]?.segmentLists[0];
    return list?.signingKeyId === NEW.id && list.state === "alive";
  });
  await rig.live("calls");
  await rig.lab.setSigningKey(OLD.id, undefined);
  const { first } = await sent(4);
  expect(new Set(first.map(({ headers }) => headers[0]?.srh?.tlvs[0]?.value.slice(4, 12)))).toEqual(
    new Set(["00000002"]),
  );
  const { lost, received } = await stream.end();
  expect(received).toBeGreaterThan(500);
  expect(lost).toBe(0);
});
