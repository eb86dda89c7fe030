import { type Cast, PROBE_LOOPS, PROBE_NONCE } from "./world";
import { onesSum, upperSum } from "./bytes";
import type { Random } from "./random";

/** What the kernel takes for a test run. */
export const FRAME_BYTES_MAX = 3500;
/** More than the longest chain of headers takes. */
const ROOM_BYTES = 32_768;
const UPLINK_MAC = Buffer.from("020000000002", "hex");
const ETHERTYPES = [0x86dd, 0x86dd, 0x86dd, 0x86dd, 0x86dd, 0x86dd, 0x0800, 0x0800];
const OTHER_ETHERTYPES = [0x0806, 0x8100, 0x88cc, 0x0200];
const UPPER_LAYERS = [6, 17, 58, 50, 51, 132, 136, 33, 59, 47, 253, 89];
const ICMP_TYPES = [1, 2, 3, 4, 128, 129, 133, 134, 135, 136, 137, 143];
const PROBE_MAGIC = 0x53455854414e5431n;
const ICMP_FIRST_QUERY = 128;
const TUNNEL_DEPTH = 2;

/** Writes packets that a network may well carry, one after the other into the same buffer. */
export class PacketWriter {
  private readonly room = Buffer.alloc(ROOM_BYTES);
  private at = 0;
  /** Where the number of the header to come belongs. */
  private namedAt = 0;

  constructor(
    private readonly random: Random,
    private cast: Cast,
  ) {}

  /** The next frame, a view of the buffer. */
  frame(): Buffer {
    const { room, random } = this;
    const ethertype = random.once(50) ? random.pick(OTHER_ETHERTYPES) : random.pick(ETHERTYPES);
    room.set(UPLINK_MAC, 0);
    random.fill(room, 6, 12);
    room.writeUInt16BE(ethertype, 12);
    this.at = 14;
    if (ethertype === 0x0800) this.ipv4();
    else this.ipv6(0);
    return room.subarray(0, Math.min(this.at, FRAME_BYTES_MAX));
  }

  private ipv6(depth: number): void {
    const { room, random } = this;
    const start = this.at;
    room.writeUInt32BE((0x60000000 | (random.below(256) << 20) | random.below(1 << 20)) >>> 0, start);
    room[start + 7] = random.below(256);
    room.set(random.pick(this.cast.sources), start + 8);
    room.set(random.pick(this.cast.destinations), start + 24);
    this.namedAt = start + 6;
    this.at = start + 40;
    this.chain(start, depth);
    room.writeUInt16BE(this.at - start - 40, start + 4);
  }

  private chain(ip: number, depth: number): void {
    const { random } = this;
    if (random.once(8)) this.options(0);
    if (random.once(8)) this.options(60);
    if (random.once(16)) this.fragment();
    if (depth === 0 ? random.below(2) === 0 : random.once(12)) this.routing();
    if (random.once(40)) this.routing();
    if (random.once(12)) this.options(60);
    if (random.once(16)) this.fragment();
    for (let extra = random.once(60) ? random.below(8) : 0; extra > 0; extra--) this.options(60);
    this.upper(ip, depth);
  }

  private name(protocol: number): void {
    this.room[this.namedAt] = protocol;
    this.namedAt = this.at;
  }

  private options(protocol: number): void {
    this.name(protocol);
    const units = this.random.once(10) ? this.random.below(12) : this.random.below(3);
    const bytes = 8 * (units + 1);
    this.room.fill(0, this.at, this.at + bytes);
    this.room.set([0, units, 1, bytes - 4], this.at);
    this.at += bytes;
  }

  private fragment(): void {
    const { random, room } = this;
    this.name(44);
    room[this.at + 1] = 0;
    room.writeUInt16BE((random.below(3) === 0 ? random.below(0x2000) << 3 : 0) | random.below(2), this.at + 2);
    room.writeUInt32BE(random.below(64), this.at + 4);
    this.at += 8;
  }

  private routing(): void {
    const { random, room } = this;
    this.name(43);
    const start = this.at;
    const count = 1 + (random.once(20) ? random.below(40) : random.below(5));
    const type = random.once(12) ? random.below(6) : 4;
    const left = random.below(2) === 0 ? 0 : random.below(count + 2);
    room.set([0, 0, type, left, count - 1, random.once(4) ? random.below(256) : 0, 0, 0], start);
    this.at += 8;
    for (let i = 0; i < count; i++, this.at += 16) room.set(random.pick(this.cast.destinations), this.at);
    if (random.once(6)) this.tlvs();
    room[start + 1] = (this.at - start) / 8 - 1;
  }

  /** PadN, Pad1 and HMAC TLVs, to a multiple of eight bytes. */
  private tlvs(): void {
    const { random, room } = this;
    const bytes = 8 * (1 + random.below(6));
    const end = this.at + bytes;
    random.fill(room, this.at, end);
    while (this.at < end) {
      const left = end - this.at;
      if (left < 2 || random.once(6)) {
        room[this.at++] = 0;
        continue;
      }
      const length = random.below(Math.min(left - 1, 39));
      room.set([left >= 40 && random.once(2) ? 5 : 4, length], this.at);
      this.at += 2 + length;
    }
  }

  private upper(ip: number, depth: number): void {
    const { random } = this;
    const kind = random.below(10);
    if (kind < 3 && depth < TUNNEL_DEPTH) {
      const isIpv4 = random.once(3);
      this.name(isIpv4 ? 4 : 41);
      if (isIpv4) this.ipv4();
      else this.ipv6(depth + 1);
      return;
    }
    if (kind === 3) {
      this.probe();
      return;
    }
    const protocol = random.once(4) ? random.pick(UPPER_LAYERS) : random.pick([6, 17, 58]);
    this.name(protocol);
    const start = this.at;
    this.transport(protocol);
    if (protocol === 6) this.checksum(ip, start, 6, start + 16);
    else if (protocol === 17 && this.at - start >= 8) this.checksum(ip, start, 17, start + 6);
    else if (protocol === 58) this.icmpError(ip, start);
  }

  private probe(): void {
    const { random, room } = this;
    this.name(17);
    room.fill(0, this.at, this.at + 80);
    room.writeUInt16BE(862, this.at + 2);
    room.writeUInt16BE(80, this.at + 4);
    const payload = this.at + 8;
    room.writeUInt32BE(random.below(1000), payload);
    room.writeUInt16BE(24, payload + 46);
    room[payload + 45] = 1;
    room.writeBigUInt64BE(PROBE_MAGIC, payload + 48);
    room.writeUInt32BE(random.below(1000), payload + 56);
    room[payload + 60] = random.once(8) ? random.below(256) : random.below(PROBE_LOOPS);
    room[payload + 61] = random.below(2);
    room.writeUInt16BE(random.once(4) ? random.below(65_536) : random.below(8), payload + 62);
    room.writeBigUInt64BE(random.once(4) ? 7n : PROBE_NONCE, payload + 64);
    this.at += 80;
  }

  private transport(protocol: number): void {
    const { random, room } = this;
    const start = this.at;
    const bytes = random.once(20) ? 1200 + random.below(500) : random.below(60);
    const header = protocol === 6 ? 20 : 8;
    random.fill(room, start, start + header);
    room.fill(0x5a, start + header, start + header + bytes);
    this.at += header + bytes;
    if (protocol === 17) room.writeUInt16BE(header + bytes, start + 4);
    if (protocol === 58) room[start] = random.pick(ICMP_TYPES);
    if (protocol === 6) this.tcpOptions(start, bytes);
  }

  /** A SYN more often than not, with an MSS option at an offset of its own. */
  private tcpOptions(start: number, bytes: number): void {
    const { random, room } = this;
    const words = Math.min(random.below(11), bytes >> 2);
    room[start + 12] = (5 + words) << 4;
    room[start + 13] = random.below(3) === 0 ? 0x10 : 0x02;
    room.fill(1, start + 20, start + 20 + 4 * words);
    if (words < 2) return;
    const at = start + 20 + random.below(4 * words - 3);
    room.set([2, 4], at);
    room.writeUInt16BE(random.once(3) ? random.below(65536) : 1460, at + 2);
  }

  private checksum(ip: number, upper: number, protocol: number, at: number): void {
    this.room.writeUInt16BE(0, at);
    this.room.writeUInt16BE(~upperSum(this.room, ip, upper, this.at, protocol) & 0xffff, at);
  }

  /** Completes an ICMPv6 message; an error sometimes quotes a packet that its receiver has sent. */
  private icmpError(ip: number, start: number): void {
    const { room, cast } = this;
    if ((room[start] ?? 0) < ICMP_FIRST_QUERY && this.random.below(2) === 0) {
      this.at = start + 8;
      this.cast = { ...cast, sources: cast.destinations, destinations: cast.sources };
      this.ipv6(TUNNEL_DEPTH - 1);
      this.cast = cast;
      room.copyWithin(start + 16, ip + 24, ip + 40);
    }
    this.checksum(ip, start, 58, start + 2);
  }

  private ipv4(): void {
    const { room, random } = this;
    const start = this.at;
    const words = random.once(10) ? 5 + random.below(11) : 5;
    const protocol = random.pick([6, 17, 1, 47]);
    room.fill(0, start, start + 4 * words);
    room.set([0x40 | words, random.below(256)], start);
    room.writeUInt16BE(random.below(65536), start + 4);
    room.writeUInt16BE(random.pick([0x4000, 0x4000, 0, 0x2000, 0x0010]), start + 6);
    room.set([random.below(256), protocol], start + 8);
    room.set(random.pick(this.cast.ipv4Sources), start + 12);
    room.set(random.pick(this.cast.ipv4Destinations), start + 16);
    this.at += 4 * words;
    this.transport(protocol);
    room.writeUInt16BE(this.at - start, start + 2);
    room.writeUInt16BE(~onesSum(room, start, start + 4 * words) & 0xffff, start + 10);
  }
}
