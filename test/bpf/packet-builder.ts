import { encodeSrh, ipv6, ipv6ToBytes, type Srh } from "@sextant/model";

const ETHERTYPE_IPV6 = 0x86dd;
const NO_NEXT_HEADER = 59;
const SOURCE_PORT = 40_000;

/** A header and its number in the Next Header field of the one before; `encode` is told what follows. */
interface Layer {
  readonly protocol: number;
  encode(nextHeader: number): Uint8Array;
}

/** What of the IPv6 header a test may want otherwise. */
interface HeaderFields {
  readonly service: number;
  readonly flowLabel: number;
  readonly hopLimit: number;
}

/** Writes a frame header by header, in the order in which they are on the wire: `packet(a, b).hopByHop().udp(53).frame()`. */
export class PacketBuilder {
  private constructor(
    private readonly source: string,
    private readonly destination: string,
    private readonly layers: readonly Layer[],
    private readonly header: HeaderFields = { service: 0, flowLabel: 0x12345, hopLimit: 64 },
  ) {}

  static between(source: string, destination: string): PacketBuilder {
    return new PacketBuilder(source, destination, []);
  }

  /** Traffic class: DSCP and, in the lowest two bits, ECN. */
  trafficClass(service: number): PacketBuilder {
    return this.having({ service });
  }

  flowLabel(flowLabel: number): PacketBuilder {
    return this.having({ flowLabel });
  }

  hopLimit(hopLimit: number): PacketBuilder {
    return this.having({ hopLimit });
  }

  hopByHop(bytes = 8): PacketBuilder {
    return this.options(0, bytes);
  }

  destinationOptions(bytes = 8): PacketBuilder {
    return this.options(60, bytes);
  }

  /** Offset in units of eight bytes. RFC 8200 section 4.5. */
  fragment(offset: number, more = false, identification = 9): PacketBuilder {
    return this.with(44, (next) =>
      Uint8Array.of(next, 0, offset >> 5, ((offset << 3) & 0xff) | (more ? 1 : 0), 0, 0, 0, identification),
    );
  }

  /**
   * An SRH; `segments` in travel order. `patch` overwrites single bytes, to make a bad one. `tlvs` are bytes behind the
   * list, a multiple of eight.
   */
  srh(
    header: Pick<Srh, "segmentsLeft"> & { segments: readonly string[] },
    patch: Record<number, number> = {},
    tlvs: Uint8Array = new Uint8Array(0),
  ): PacketBuilder {
    return this.with(43, (next) => {
      const { segmentsLeft, segments } = header;
      const list = encodeSrh({ nextHeader: next, segmentsLeft, flags: 0, tag: 0, segments: segments.map(ipv6) });
      const bytes = Buffer.concat([list, tlvs]);
      bytes[1] = bytes.length / 8 - 1;
      for (const [offset, value] of Object.entries(patch)) bytes[Number(offset)] = value;
      return bytes;
    });
  }

  udp(port: number, payload: Uint8Array = new Uint8Array(4), sourcePort = SOURCE_PORT): PacketBuilder {
    return this.transport(17, 8, port, payload, sourcePort);
  }

  tcp(port: number, payload: Uint8Array = new Uint8Array(4), sourcePort = SOURCE_PORT): PacketBuilder {
    return this.transport(6, 20, port, payload, sourcePort);
  }

  icmp(type: number): PacketBuilder {
    return this.with(58, () => Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0));
  }

  /** Bytes of a protocol that this builder does not know, to the end of the packet. */
  raw(protocol: number, bytes: Uint8Array): PacketBuilder {
    return this.with(protocol, () => bytes);
  }

  /** IPv6 packet without framing. */
  packet(): Buffer {
    const parts: Uint8Array[] = [];
    let next = NO_NEXT_HEADER;
    for (const layer of [...this.layers].reverse()) {
      parts.unshift(layer.encode(next));
      next = layer.protocol;
    }
    const payload = Buffer.concat(parts);
    const header = Buffer.alloc(40);
    const { service, flowLabel, hopLimit } = this.header;
    header.writeUInt32BE((6 << 28) | (service << 20) | flowLabel);
    header.writeUInt16BE(payload.length, 4);
    header.set([next, hopLimit], 6);
    header.set(ipv6ToBytes(ipv6(this.source)), 8);
    header.set(ipv6ToBytes(ipv6(this.destination)), 24);
    return Buffer.concat([header, payload]);
  }

  /** The packet in an Ethernet frame. */
  frame(ethertype = ETHERTYPE_IPV6): Buffer {
    return ethernet(this.packet(), ethertype);
  }

  private options(protocol: number, bytes: number): PacketBuilder {
    return this.with(protocol, (next) => {
      const header = new Uint8Array(bytes);
      header.set([next, bytes / 8 - 1, 1, Math.min(bytes - 4, 255)]); // PadN
      return header;
    });
  }

  private transport(
    protocol: number,
    headerBytes: number,
    port: number,
    payload: Uint8Array,
    sourcePort: number,
  ): PacketBuilder {
    return this.with(protocol, () => {
      const bytes = Buffer.alloc(headerBytes + payload.length);
      bytes.writeUInt16BE(sourcePort, 0);
      bytes.writeUInt16BE(port, 2);
      bytes.writeUInt16BE(protocol === 17 ? bytes.length : 0, 4);
      bytes.set(payload, headerBytes);
      return bytes;
    });
  }

  private with(protocol: number, encode: Layer["encode"]): PacketBuilder {
    return new PacketBuilder(this.source, this.destination, [...this.layers, { protocol, encode }], this.header);
  }

  private having(fields: Partial<HeaderFields>): PacketBuilder {
    return new PacketBuilder(this.source, this.destination, this.layers, { ...this.header, ...fields });
  }
}

/** Puts an IPv6 packet into an Ethernet frame. */
export function ethernet(packet: Uint8Array, ethertype = ETHERTYPE_IPV6): Buffer {
  const header = Buffer.from("020000000002020000000001", "hex");
  return Buffer.concat([header, Buffer.from([ethertype >> 8, ethertype & 0xff]), packet]);
}
