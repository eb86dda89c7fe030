// The messages that the programs write, read by a decoder that knows nothing of ours.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode, type DecodedPacket } from "../support/decoder";
import { writePcap } from "../support/pcap";
import { ingressWorld, NODE_SID, PEER, SEGMENT } from "./ingress-world";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { list, policy, SELF, sids, SteeringHost } from "./steering";

const LARGEST = 1_500;
/** An outer header alone; an inserted SRH of two segments and the destination. */
const OUTER_BYTES = 40;
const INSERTED_BYTES = 8 + 3 * 16;

function read(frames: readonly Buffer[]): DecodedPacket[] {
  const directory = mkdtempSync(join(tmpdir(), "messages-"));
  try {
    writePcap(join(directory, "frames.pcap"), frames);
    return decode(join(directory, "frames.pcap"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("what does not fit", () => {
  const fill = (headers: number) => new Uint8Array(LARGEST - headers).fill(7);
  const inserted = "2001:db8:b1::1";
  const encapsulated = "2001:db8:b2::1";
  let host: SteeringHost;
  beforeAll(() => {
    host = SteeringHost.open();
    host.plane.putList(
      1n,
      list(host.uplink, { encapsulation: "insert", segments: sids("2001:db8:ffff:1::", SEGMENT) }),
    );
    host.plane.putList(2n, list(host.uplink, { encapsulation: "encap", segments: sids("2001:db8:ff46::") }));
    for (const key of [1n, 2n]) host.plane.putPolicy(key, policy([key]));
    host.steer(`${inserted}/128`, { policy: 1n });
    host.steer(`${encapsulated}/128`, { policy: 2n });
    host.steer("203.0.113.1/32", { policy: 2n });
  });
  afterAll(() => host.close());

  const large = (destination: string) => PacketBuilder.between(SELF, destination).udp(5_000, fill(48)).frame();
  const largeIpv4 = () => ethernet(ipv4Packet("192.0.2.1", "203.0.113.1", { payload: fill(20) }), 0x0800);
  const packetTooBig = { protocol: "icmpv6", type: 2, code: 0 } as const;
  const fragmentationNeeded = { protocol: "icmp", type: 3, code: 4 } as const;

  test.each([
    ["inserted", () => large(inserted), inserted, SELF, packetTooBig, LARGEST - INSERTED_BYTES],
    ["encapsulated", () => large(encapsulated), encapsulated, SELF, packetTooBig, LARGEST - OUTER_BYTES],
    ["IPv4", largeIpv4, "203.0.113.1", "192.0.2.1", fragmentationNeeded, LARGEST - OUTER_BYTES],
  ] as const)("%s: its sender is told by the destination", (_what, frame, destination, source, message, mtu) => {
    const [answer] = read([host.out(frame()).frame]);
    const { protocol, ...icmp } = message;
    expect(answer?.headers).toMatchObject([{ source: destination, destination: source }]);
    expect(answer?.transport).toMatchObject({ protocol, checksum: "good", icmp: { ...icmp, mtu } });
    expect(answer?.quoted).toMatchObject([{ source, destination, srh: undefined }]);
  });
});

test("a malformed segment routing header: a Parameter Problem that quotes it", () => {
  const { fixture, uplink } = ingressWorld();
  try {
    const segments = [SEGMENT, NODE_SID, PEER];
    const packet = PacketBuilder.between(PEER, NODE_SID).srh({ segmentsLeft: 1, segments }, { 3: 4 }).udp(53);
    const [answer] = read([fixture.run("ingress", packet.frame(), { ifindex: uplink }).frame]);
    expect(answer?.headers).toMatchObject([{ source: NODE_SID, destination: PEER }]);
    const icmp = { type: 4, code: 0, mtu: undefined };
    expect(answer?.transport).toMatchObject({ protocol: "icmpv6", checksum: "good", icmp });
    expect(answer?.quoted).toMatchObject([{ source: PEER, destination: NODE_SID, srh: { segmentsLeft: 4 } }]);
  } finally {
    fixture.close();
  }
});
