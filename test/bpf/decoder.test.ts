// What the egress program puts on packets, read by a decoder that knows nothing of ours.
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ipv6, ipv6ToBytes, type Sid } from "@sextant/model";
import { headerBytes } from "../../packages/agent/src/reconcile/header-bytes";
import { decode, type DecodedPacket, type DecodedSrh } from "../support/decoder";
import { writePcap } from "../support/pcap";
import { internetChecksum, ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { list, policy, SELF, SteeringHost } from "./steering";

const SOURCE = { 4: "192.0.2.1", 6: SELF } as const;
const PEER = { 4: "203.0.113.1", 6: "2001:db8:b::1" } as const;
const PORTS = { source: 40_000, destination: 5_000 };
/** Expedited forwarding, ECT(0). */
const CLASS = { dscp: 46, ecn: 2 } as const;
const TRAFFIC_CLASS = (CLASS.dscp << 2) | CLASS.ecn;
const HOP_LIMIT = 61;
const FLOW_LABEL = 0x12345;
const KEY = { id: 0x0102_0304, secret: Buffer.from("only this test knows it") };
const MAX_SEGMENTS = 15;
const HMAC_TLV = 5;
const HMAC_FLAG = 8;
/** "The destination is not to be compared with the list": its first segment is not in it. RFC 8754 section 2.1.2. */
const D_BIT = "8000";
const UDP = 17;

interface Case {
  readonly family: 4 | 6;
  readonly encapsulation: "insert" | "encap" | "encap-full";
  readonly segments: readonly Sid[];
  readonly signed: boolean;
}

const segmentsOf = (count: number) => Array.from({ length: count }, (_, i) => ipv6(`fcbb:bb00:${i + 1}::`) as Sid);

/** All modes, lengths and families; inserted lists take neither IPv4 nor signatures. */
const CASES: readonly Case[] = Array.from({ length: MAX_SEGMENTS }, (_, i) => segmentsOf(i + 1)).flatMap((segments) => [
  { family: 6, encapsulation: "insert", segments, signed: false },
  ...([4, 6] as const).flatMap((family) =>
    (["encap", "encap-full"] as const).flatMap((encapsulation) =>
      [false, true].map((signed): Case => ({ family, encapsulation, segments, signed })),
    ),
  ),
]);

/** A datagram with a right checksum: payload of a size that shows whether an odd byte is summed up. */
function original(family: 4 | 6): Buffer {
  const datagram = Buffer.alloc(8 + 33, 7);
  [PORTS.source, PORTS.destination, datagram.length, 0].forEach((word, i) => datagram.writeUInt16BE(word, 2 * i));
  const address = (text: string) => (family === 4 ? Buffer.from(text.split(".").map(Number)) : ipv6ToBytes(ipv6(text)));
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(datagram.length, 0);
  pseudo.writeUInt32BE(UDP, 4);
  const summed = Buffer.concat([address(SOURCE[family]), address(PEER[family]), pseudo, datagram]);
  datagram.writeUInt16BE(internetChecksum(summed), 6);
  if (family === 4) return ethernet(ipv4Packet(SOURCE[4], PEER[4], { tos: TRAFFIC_CLASS, payload: datagram }), 0x0800);
  const header = PacketBuilder.between(SOURCE[6], PEER[6]).trafficClass(TRAFFIC_CLASS).hopLimit(HOP_LIMIT);
  return header.raw(UDP, datagram).frame();
}

let decoded: readonly DecodedPacket[];
beforeAll(() => {
  const host = SteeringHost.open();
  const directory = mkdtempSync(join(tmpdir(), "decoder-"));
  try {
    const frames = CASES.map(({ family, encapsulation, segments, signed }, index) => {
      const key = BigInt(index + 1);
      const header = headerBytes({ encapsulation, segments, source: SELF, signingKey: signed ? KEY : undefined });
      host.plane.putList(key, { ...list(host.uplink, { encapsulation, segments }), ...header });
      host.plane.putPolicy(1n, policy([key]));
      host.steer(`${PEER[family]}/${family === 4 ? 32 : 128}`, { policy: 1n });
      const { frame, reason } = host.out(original(family));
      expect(reason).toBe(encapsulation === "insert" ? "inserted" : "encapsulated");
      return frame;
    });
    const file = join(directory, "frames.pcap");
    writePcap(file, frames);
    decoded = decode(file);
  } finally {
    rmSync(directory, { recursive: true });
    host.close();
  }
});

/** RFC 8754 section 2.1.2.1: source, Last Entry, flags, key, the list as it is in the header. */
function digest(segments: readonly string[]): string {
  const fixed = Buffer.alloc(6);
  fixed.set([segments.length - 1, HMAC_FLAG]);
  fixed.writeUInt32BE(KEY.id, 2);
  const addresses = [...segments].reverse().map((segment) => ipv6ToBytes(ipv6(segment)));
  const text = Buffer.concat([ipv6ToBytes(SELF), fixed, ...addresses]);
  return createHmac("sha256", KEY.secret).update(text).digest("hex");
}

/** What RFC 8754 section 4.1 and RFC 8986 sections 5.1 and 5.2 ask for. */
function expectedSrh({ encapsulation, segments, signed }: Case): DecodedSrh | undefined {
  const header = (inList: readonly string[], segmentsLeft: number): DecodedSrh => {
    const reduced = segmentsLeft > inList.length - 1;
    const value = `${reduced ? D_BIT : "0000"}${KEY.id.toString(16).padStart(8, "0")}${digest(inList)}`;
    const tlvs = signed ? [{ type: HMAC_TLV, value }] : [];
    return {
      segmentsLeft,
      lastEntry: inList.length - 1,
      flags: signed ? HMAC_FLAG : 0,
      tag: 0,
      segments: inList,
      tlvs,
    };
  };
  const left = segments.length - 1;
  if (encapsulation === "insert") return header([...segments, PEER[6]], segments.length);
  if (encapsulation === "encap-full" || (left === 0 && signed)) return header(segments, left);
  return left === 0 ? undefined : header(segments.slice(1), left);
}

test("every frame is read to its end", () => {
  expect(decoded).toHaveLength(CASES.length);
  for (const { problems } of decoded) expect(problems).toEqual([]);
});

test.each(CASES.map((asked, index) => ({ ...asked, index, count: asked.segments.length })))(
  "IPv$family, $encapsulation, $count segments, signed: $signed",
  (asked) => {
    const packet = decoded[asked.index];
    const inserted = asked.encapsulation === "insert";
    const [outer, inner] = packet?.headers ?? [];
    const hopLimit = asked.family === 4 ? 64 : HOP_LIMIT;
    expect(packet?.headers).toHaveLength(inserted ? 1 : 2);
    expect(outer).toMatchObject({ version: 6, source: SELF, destination: asked.segments[0], hopLimit, ...CLASS });
    expect(outer?.srh).toEqual(expectedSrh(asked));
    expect(outer?.length).toBe((packet?.bytes ?? 0) - 14 - 40);
    const own = {
      version: asked.family,
      source: SOURCE[asked.family],
      destination: PEER[asked.family],
      hopLimit,
      ...CLASS,
    };
    const label = asked.family === 6 ? FLOW_LABEL : undefined;
    if (inserted) expect(outer?.flowLabel).toBe(label);
    else expect(inner).toMatchObject({ ...own, flowLabel: label, checksum: asked.family === 4 ? "good" : undefined });
    expect(packet?.transport).toMatchObject({
      ...{ protocol: "udp", sourcePort: PORTS.source, port: PORTS.destination, length: 41, checksum: "good" },
    });
  },
);

test("the label of the outer header is the flow's: the same under every list, never zero", () => {
  for (const family of [4, 6] as const) {
    const labels = CASES.flatMap((asked, i) =>
      asked.family === family && asked.encapsulation !== "insert" ? [decoded[i]?.headers[0]?.flowLabel] : [],
    );
    expect(new Set(labels).size).toBe(1);
    expect(labels[0]).toBeGreaterThan(0);
  }
});
