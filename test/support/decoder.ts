import { routingHeaderBytes, tsharkFields, type Fields } from "./tshark";

/** An IP header as an independent decoder reads it. */
export interface DecodedIp {
  readonly version: 4 | 6;
  readonly source: string;
  readonly destination: string;
  readonly dscp: number;
  readonly ecn: number;
  /** IPv6 alone. */
  readonly flowLabel: number | undefined;
  /** TTL of IPv4. */
  readonly hopLimit: number;
  /** Bytes behind the header of IPv6, header included of IPv4: the number that is in the packet. */
  readonly length: number;
  /** IPv4 alone. */
  readonly checksum: Checksum | undefined;
  readonly dontFragment: boolean | undefined;
  /** The segment routing header in its chain. */
  readonly srh: DecodedSrh | undefined;
  /** Bytes before this part of the original packet, and whether more parts follow; undefined for whole packets. */
  readonly fragment: { readonly offset: number; readonly more: boolean } | undefined;
}

/** RFC 8754 section 2. */
export interface DecodedSrh {
  readonly segmentsLeft: number;
  readonly lastEntry: number;
  readonly flags: number;
  readonly tag: number;
  /** In travel order: the reverse of how they are in the packet. */
  readonly segments: readonly string[];
  readonly tlvs: readonly DecodedTlv[];
}

export interface DecodedTlv {
  readonly type: number;
  /** As hex. */
  readonly value: string;
}

export type Checksum = "good" | "bad" | "unverified" | "absent";

/** The header behind the last IP header. */
export interface DecodedTransport {
  readonly protocol: "udp" | "tcp" | "icmp" | "icmpv6";
  /** 0 for ICMP. */
  readonly sourcePort: number;
  readonly port: number;
  /** UDP: header and data; TCP: data; ICMP: 0. */
  readonly length: number;
  readonly checksum: Checksum;
  /** ICMP type and code; MTU of Packet Too Big and Fragmentation Needed. */
  readonly icmp: { readonly type: number; readonly code: number; readonly mtu: number | undefined } | undefined;
  /** TCP: segment size that a SYN offers. */
  readonly mss: number | undefined;
}

/** A captured packet. */
export interface DecodedPacket {
  /** Seconds since 1970. */
  readonly time: number;
  readonly bytes: number;
  readonly hardware: { readonly source: string; readonly destination: string };
  readonly vlan: number | undefined;
  /** Outermost first; those that an ICMP error quotes are not among them. */
  readonly headers: readonly DecodedIp[];
  readonly transport: DecodedTransport | undefined;
  /** Headers in an ICMP error's quotation. */
  readonly quoted: readonly DecodedIp[];
  /** What the decoder objects to. */
  readonly problems: readonly string[];
}

const FIELDS = [
  ...["frame.time_epoch", "frame.len", "frame.protocols", "eth.src", "eth.dst", "vlan.id"],
  ...["ipv6.src", "ipv6.dst", "ipv6.tclass.dscp", "ipv6.tclass.ecn", "ipv6.flow", "ipv6.plen", "ipv6.hlim"],
  ...["ipv6.fraghdr.offset", "ipv6.fraghdr.more", "ipv6.routing.segleft", "ipv6.routing.srh.last_entry"],
  ...["ipv6.routing.srh.flags", "ipv6.routing.srh.tag", "ipv6.routing.srh.addr", "ipv6.routing.len"],
  ...["ip.src", "ip.dst", "ip.dsfield.dscp", "ip.dsfield.ecn", "ip.len", "ip.ttl", "ip.checksum.status"],
  ...["ip.flags.df", "ip.flags.mf", "ip.frag_offset"],
  ...["udp.srcport", "udp.dstport", "udp.length", "udp.checksum.status"],
  ...["tcp.srcport", "tcp.dstport", "tcp.len", "tcp.checksum.status", "tcp.options.mss_val"],
  ...["icmp.type", "icmp.code", "icmp.mtu", "icmp.checksum.status"],
  ...[
    "icmpv6.type",
    "icmpv6.code",
    "icmpv6.mtu",
    "icmpv6.checksum.status",
    "_ws.expert.message",
    "_ws.expert.severity",
  ],
] as const;
type Field = (typeof FIELDS)[number];

/** What tshark says of anything less serious is no objection. */
const WARNING = 0x60_0000;
const CHECKSUMS: readonly Checksum[] = ["bad", "good", "unverified", "absent"];
const TRANSPORTS = ["udp", "tcp", "icmp", "icmpv6"] as const;

/** Decodes a capture file with tshark, which knows nothing of ours. */
export function decode(pcapFile: string): DecodedPacket[] {
  const packets = tsharkFields(pcapFile, FIELDS);
  const raw = packets.some(hasTlvs) ? routingHeaderBytes(pcapFile) : [];
  return packets.map((fields, index) => new Reader(fields, raw[index] ?? []).packet());
}

/** The packets to a UDP or TCP port. */
export function toPort(port: number, packets: readonly DecodedPacket[]): DecodedPacket[] {
  return packets.filter(({ transport }) => transport?.port === port);
}

function hasTlvs(fields: Fields<Field>): boolean {
  return fields["ipv6.routing.len"].some((units, i) => {
    const entries = Number(fields["ipv6.routing.srh.last_entry"][i] ?? 0) + 1;
    return Number(units) > 2 * entries;
  });
}

/** Goes through a packet's headers in their order, each taking its values from the fields that all of its kind share. */
class Reader {
  readonly #taken = new Map<Field, number>();

  constructor(
    private readonly fields: Fields<Field>,
    private readonly routingHeaders: readonly string[],
  ) {}

  packet(): DecodedPacket {
    const layers = (this.fields["frame.protocols"][0] ?? "").split(":");
    const end = layers.findIndex((layer) => TRANSPORTS.some((name) => name === layer));
    const before = end < 0 ? layers : layers.slice(0, end);
    const headers = this.#headers(before);
    const transport = end < 0 ? undefined : this.#transport(layers[end] as DecodedTransport["protocol"]);
    const quoted = transport?.icmp === undefined ? [] : this.#headers(layers.slice(end + 1));
    return {
      time: this.#number("frame.time_epoch"),
      bytes: this.#number("frame.len"),
      hardware: { source: this.#text("eth.src"), destination: this.#text("eth.dst") },
      vlan: this.fields["vlan.id"].length === 0 ? undefined : this.#number("vlan.id"),
      headers,
      transport,
      quoted,
      problems: this.fields["_ws.expert.message"].filter(
        (_, i) => Number(this.fields["_ws.expert.severity"][i]) >= WARNING,
      ),
    };
  }

  #headers(layers: readonly string[]): DecodedIp[] {
    return layers.flatMap((layer, i) => {
      if (layer === "ip") return [this.#ipv4()];
      if (layer !== "ipv6") return [];
      const next = layers.findIndex((other, j) => j > i && (other === "ipv6" || other === "ip"));
      return [this.#ipv6(layers.slice(i + 1, next < 0 ? layers.length : next))];
    });
  }

  #ipv6(extensions: readonly string[]): DecodedIp {
    return {
      version: 6,
      source: this.#text("ipv6.src"),
      destination: this.#text("ipv6.dst"),
      dscp: this.#number("ipv6.tclass.dscp"),
      ecn: this.#number("ipv6.tclass.ecn"),
      flowLabel: this.#number("ipv6.flow"),
      hopLimit: this.#number("ipv6.hlim"),
      length: this.#number("ipv6.plen"),
      checksum: undefined,
      dontFragment: undefined,
      srh: extensions.includes("ipv6.routing") ? this.#srh() : undefined,
      fragment: extensions.includes("ipv6.fraghdr")
        ? { offset: 8 * this.#number("ipv6.fraghdr.offset"), more: this.#flag("ipv6.fraghdr.more") }
        : undefined,
    };
  }

  #ipv4(): DecodedIp {
    const header = {
      version: 4,
      source: this.#text("ip.src"),
      destination: this.#text("ip.dst"),
      dscp: this.#number("ip.dsfield.dscp"),
      ecn: this.#number("ip.dsfield.ecn"),
      flowLabel: undefined,
      hopLimit: this.#number("ip.ttl"),
      length: this.#number("ip.len"),
      checksum: this.#checksum("ip.checksum.status"),
      dontFragment: this.#flag("ip.flags.df"),
      srh: undefined,
    } as const;
    const fragment = { offset: 8 * this.#number("ip.frag_offset"), more: this.#flag("ip.flags.mf") };
    return { ...header, fragment: fragment.more || fragment.offset > 0 ? fragment : undefined };
  }

  #srh(): DecodedSrh {
    const lastEntry = this.#number("ipv6.routing.srh.last_entry");
    const segments = Array.from({ length: lastEntry + 1 }, () => this.#text("ipv6.routing.srh.addr"));
    const taken = this.#taken.get("ipv6.routing.segleft") ?? 0;
    const bytes = this.routingHeaders[taken] ?? "";
    return {
      segmentsLeft: this.#number("ipv6.routing.segleft"),
      lastEntry,
      flags: this.#number("ipv6.routing.srh.flags"),
      tag: Number.parseInt(this.#text("ipv6.routing.srh.tag"), 16),
      segments: segments.reverse(),
      tlvs: tlvsOf(Buffer.from(bytes, "hex").subarray(8 + 16 * (lastEntry + 1))),
    };
  }

  #transport(protocol: DecodedTransport["protocol"]): DecodedTransport {
    if (protocol === "icmp" || protocol === "icmpv6") {
      const icmp = {
        type: this.#number(`${protocol}.type`),
        code: this.#number(`${protocol}.code`),
        mtu: this.fields[`${protocol}.mtu`].length === 0 ? undefined : this.#number(`${protocol}.mtu`),
      };
      const checksum = this.#checksum(`${protocol}.checksum.status`);
      return { protocol, sourcePort: 0, port: 0, length: 0, checksum, icmp, mss: undefined };
    }
    return {
      protocol,
      sourcePort: this.#number(`${protocol}.srcport`),
      port: this.#number(`${protocol}.dstport`),
      length: this.#number(protocol === "udp" ? "udp.length" : "tcp.len"),
      checksum: this.#checksum(`${protocol}.checksum.status`),
      icmp: undefined,
      mss:
        protocol === "tcp" && this.fields["tcp.options.mss_val"].length > 0
          ? this.#number("tcp.options.mss_val")
          : undefined,
    };
  }

  /** The next value of a field that nobody has taken. */
  #text(field: Field): string {
    const index = this.#taken.get(field) ?? 0;
    this.#taken.set(field, index + 1);
    return this.fields[field][index] ?? "";
  }

  #number(field: Field): number {
    const text = this.#text(field);
    return text === "" ? Number.NaN : Number(text);
  }

  #flag(field: Field): boolean {
    const text = this.#text(field);
    return text === "1" || text === "True";
  }

  #checksum(field: Field): Checksum {
    return CHECKSUMS[this.#number(field)] ?? "unverified";
  }
}

/** RFC 8754 section 2.1: Pad1 is a byte by itself. */
function tlvsOf(bytes: Buffer): DecodedTlv[] {
  const tlvs: DecodedTlv[] = [];
  for (let at = 0; at < bytes.length; ) {
    const type = bytes.readUInt8(at);
    const length = type === 0 || at + 1 >= bytes.length ? -1 : bytes.readUInt8(at + 1);
    const end = at + 2 + length;
    tlvs.push({ type, value: bytes.subarray(at + 2, end).toString("hex") });
    at = end;
  }
  return tlvs;
}
