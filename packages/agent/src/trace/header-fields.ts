import { ipv6FromBytes } from "@sextant/model";

/** A field of a header, for people. */
export interface HeaderField {
  readonly offset: number;
  /** Hex digits of the bytes that hold it; fields that share a byte are one entry. */
  readonly hex: string;
  readonly field: string;
  readonly value: string;
}

const HMAC_TYPE = 5;
const HMAC_FLAG = 0x08;
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: "hop-by-hop options",
  4: "IPv4",
  6: "TCP",
  17: "UDP",
  41: "IPv6",
  43: "routing header",
  58: "ICMPv6",
  59: "nothing",
};

/** Names every byte of a header that a list puts on a packet: an SRH, or an outer IPv6 header with or without one. */
export function headerFields(bytes: Uint8Array, encapsulation: "insert" | "encap"): HeaderField[] {
  const reader = new FieldReader(bytes);
  if (encapsulation === "encap") readIpv6(reader);
  if (reader.left > 0) readSrh(reader);
  return reader.fields;
}

/** The bytes as lines of 16, each with its offset: "0030  fcbb bb00 …". */
export function hexDump(bytes: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, line) => {
    const words =
      Buffer.from(bytes.subarray(16 * line, 16 * line + 16))
        .toString("hex")
        .match(/.{1,4}/g) ?? [];
    return `${(16 * line).toString(16).padStart(4, "0")}  ${words.join(" ")}`;
  });
}

/** RFC 8200 section 3. */
function readIpv6(reader: FieldReader): void {
  reader.take("version, traffic class, flow label", 4, (view) => {
    const word = view.getUint32(0);
    const trafficClass = (word >>> 20) & 0xff;
    return `6, DSCP ${trafficClass >> 2} (ECN: the packet's own), 0x${(word & 0xfffff).toString(16)} by its flow`;
  });
  reader.take("payload length", 2, (view) => String(view.getUint16(0)));
  reader.take("next header", 1, protocol);
  reader.take("hop limit", 1, () => "the packet's own");
  reader.take("source", 16, address);
  reader.take("destination", 16, address);
}

/** RFC 8754 section 2. */
function readSrh(reader: FieldReader): void {
  reader.take("SRH next header", 1, protocol);
  let bytes = 0;
  reader.take("SRH length", 1, (view) => {
    bytes = 8 * (view.getUint8(0) + 1);
    return `${view.getUint8(0)}: ${bytes} bytes`;
  });
  reader.take("routing type", 1, (view) => `${view.getUint8(0)}: segment routing`);
  reader.take("segments left", 1, (view) => String(view.getUint8(0)));
  let lastEntry = 0;
  reader.take("last entry", 1, (view) => {
    lastEntry = view.getUint8(0);
    return String(lastEntry);
  });
  reader.take("flags", 1, (view) => ((view.getUint8(0) & HMAC_FLAG) === 0 ? "none" : "HMAC"));
  reader.take("tag", 2, (view) => String(view.getUint16(0)));
  for (let i = 0; i <= lastEntry && reader.left >= 16; i++) reader.take(`segment list [${i}]`, 16, address);
  while (reader.left >= 2) readTlv(reader);
}

/** RFC 8754 section 2.1.2. */
function readTlv(reader: FieldReader): void {
  let type = 0;
  reader.take("TLV type", 1, (view) => {
    type = view.getUint8(0);
    return type === HMAC_TYPE ? `${type}: HMAC` : String(type);
  });
  let length = 0;
  reader.take("TLV length", 1, (view) => {
    length = view.getUint8(0);
    return String(length);
  });
  if (type !== HMAC_TYPE) {
    reader.take("TLV value", length, () => "");
    return;
  }
  reader.take("reserved", 2, () => "0");
  reader.take("HMAC key id", 4, (view) => String(view.getUint32(0)));
  reader.take("HMAC", length - 6, () => "HMAC-SHA-256 of source, flags, key id and segments");
}

class FieldReader {
  readonly fields: HeaderField[] = [];
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Bytes not read yet. */
  get left(): number {
    return this.bytes.length - this.offset;
  }

  take(field: string, length: number, valueOf: (view: DataView) => string): void {
    const end = Math.min(this.bytes.length, this.offset + Math.max(0, length));
    const part = Uint8Array.from(this.bytes.subarray(this.offset, end));
    const value = part.length === 0 ? "missing" : valueOf(new DataView(part.buffer));
    this.fields.push({ offset: this.offset, hex: Buffer.from(part).toString("hex"), field, value });
    this.offset = end;
  }
}

function protocol(view: DataView): string {
  const number = view.getUint8(0);
  const name = PROTOCOLS[number];
  return name === undefined ? String(number) : `${number}: ${name}`;
}

function address(view: DataView): string {
  return view.byteLength === 16 ? ipv6FromBytes(new Uint8Array(view.buffer)) : "cut off";
}
