import { decodeSrh, ipv6, ipv6Prefix, ipv6ToBytes, isSignedBy, nodeSid, type Srh } from "@sextant/model";
import { buildProbePacket, PROBE_PAYLOAD_BYTES, PROBE_PORT } from "./probe-packet";

const block = ipv6Prefix("2001:db8::/32");
const source = ipv6("2001:db8:a::1");
const loop = [nodeSid(block, 1), nodeSid(block, 2), nodeSid(block, 1)];
const identity = { slot: 0x1234, nonce: 7n, loop: 0, loopOnly: false } as const;
const probe = { source, probeSegments: loop, ...identity, hopLimit: 64, signingKey: undefined };
const packet = buildProbePacket(probe);
const view = new DataView(packet.buffer);
const srhBytes = 8 + 16 * 4;
const udp = 40 + srhBytes;

describe("probe packet", () => {
  test("is addressed to the first segment and says its length", () => {
    expect(packet.subarray(24, 40)).toEqual(ipv6ToBytes(nodeSid(block, 1)));
    expect(view.getUint16(4)).toBe(packet.length - 40);
  });

  test("visits the loop and ends at its source", () => {
    const expected = { nextHeader: 17, segmentsLeft: 3, flags: 0, tag: 0, segments: [...loop, source] };
    expect(decodeSrh(packet.subarray(40))).toEqual(expected);
  });

  test("is a STAMP test packet with sequence and timestamp left to the kernel", () => {
    expect(view.getUint16(udp + 2)).toBe(PROBE_PORT);
    expect(view.getUint16(udp + 4)).toBe(8 + PROBE_PAYLOAD_BYTES);
    expect([...packet.subarray(udp + 8, udp + 20)]).toEqual(new Array(12).fill(0));
  });

  test("carries loop, list index and nonce behind an Extra Padding TLV", () => {
    expect([view.getUint8(udp + 53), view.getUint16(udp + 54)]).toEqual([1, 24]);
    expect([view.getBigUint64(udp + 64), view.getBigUint64(udp + 72)]).toEqual([0x1234n, 7n]);
    const other = buildProbePacket({ ...probe, loop: 1, loopOnly: true });
    expect(new DataView(other.buffer).getBigUint64(udp + 64)).toBe(0x0101_1234n);
  });

  test("has a checksum over the final destination", () => {
    const pseudo = [...ipv6ToBytes(source), ...ipv6ToBytes(source), 0, packet.length - udp, 0, 17];
    const words = [...pseudo, ...packet.subarray(udp)];
    const sum = words.reduce((total, byte, i) => total + (i % 2 === 0 ? byte << 8 : byte), 0);
    expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff);
  });

  test("is signed where its list is", () => {
    const signingKey = { id: 9, secret: Uint8Array.of(1, 2, 3) };
    const signed = buildProbePacket({ ...probe, signingKey });
    const srh = decodeSrh(signed.subarray(40)) as Srh;
    expect(isSignedBy(srh, source, signingKey)).toBe(true);
    expect(signed.subarray(udp + 40)).toEqual(packet.subarray(udp));
    expect(isSignedBy(srh, source, { ...signingKey, id: 8 })).toBe(false);
  });

  test("needs a segment to visit", () => {
    expect(() => buildProbePacket({ ...probe, probeSegments: [] })).toThrow(RangeError);
  });
});
