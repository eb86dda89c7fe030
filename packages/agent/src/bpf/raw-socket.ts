import { SextantError } from "@sextant/model";
import { addressOf, errnoName, lastErrno, libc } from "./ffi";

const AF_INET6 = 10;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
/** Protocol of raw sockets whose packets bring their own IPv6 header. */
const IPPROTO_RAW = 255;
const MSG_DONTWAIT = 0x40;

/** Sizes in the Linux ABI of 64-bit machines. */
const SOCKADDR_IN6_BYTES = 28;
const IOVEC_BYTES = 16;
const MMSGHDR_BYTES = 64;

const IPV6_HEADER_BYTES = 40;
const IPV6_DESTINATION_OFFSET = 24;

/** Packets laid out for the kernel once, to be sent any number of times. */
export interface PacketBatch {
  readonly count: number;
  /** Begins with struct mmsghdr[count]. */
  readonly memory: Buffer;
  /** What they point to: it lives as long as the batch does. */
  readonly packets: Buffer;
}

/** What became of a batch. */
export interface SendResult {
  readonly sent: number;
  /** Packets that the kernel refused, by their index in the batch, with the name of the error ("ENETUNREACH"). */
  readonly refused: readonly { readonly index: number; readonly error: string }[];
}

/** Sends complete IPv6 packets, header included; the kernel routes each one by its destination address. */
export class RawIpv6Socket {
  private constructor(private readonly fd: number) {}

  /** Opens the socket in the network namespace of the calling thread. Throws SextantError `missing_privilege` without CAP_NET_RAW. */
  static open(): RawIpv6Socket {
    const fd = libc().socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd >= 0) return new RawIpv6Socket(fd);
    const error = errnoName(lastErrno());
    if (error === "EPERM" || error === "EACCES") {
      throw new SextantError("missing_privilege", "a raw socket needs CAP_NET_RAW: run as root");
    }
    throw new SextantError("internal", `a raw IPv6 socket cannot be opened: ${error}`);
  }

  /**
   * One system call for the whole batch. A packet that is refused is left out and the rest still goes; when the socket
   * has no room, the remainder of the batch is refused with EAGAIN or ENOBUFS.
   */
  send(batch: PacketBatch): SendResult {
    const refused: { index: number; error: string }[] = [];
    let next = 0;
    while (next < batch.count) {
      const messages = batch.memory.subarray(next * MMSGHDR_BYTES);
      const accepted = libc().sendmmsg(this.fd, messages, batch.count - next, MSG_DONTWAIT);
      if (accepted > 0) {
        next += accepted;
        continue;
      }
      const error = errnoName(lastErrno());
      const last = error === "EAGAIN" || error === "ENOBUFS" ? batch.count : next + 1;
      for (; next < last; next++) refused.push({ index: next, error });
    }
    return { sent: batch.count - refused.length, refused };
  }

  close(): void {
    libc().close(this.fd);
  }
}

/** Lays packets out for `send`. Throws RangeError when one is shorter than an IPv6 header. */
export function packetBatch(packets: readonly Uint8Array[]): PacketBatch {
  const fixedBytes = packets.length * (MMSGHDR_BYTES + IOVEC_BYTES + SOCKADDR_IN6_BYTES);
  const memory = Buffer.alloc(fixedBytes + packets.reduce((sum, packet) => sum + packet.length, 0));
  const base = memory.length === 0 ? 0n : addressOf(memory);
  let vectorAt = packets.length * MMSGHDR_BYTES;
  let nameAt = vectorAt + packets.length * IOVEC_BYTES;
  let bytesAt = fixedBytes;
  for (const [index, packet] of packets.entries()) {
    if (packet.length < IPV6_HEADER_BYTES) throw new RangeError(`packet ${index} has no IPv6 header`);
    memory.set(packet, bytesAt);
    memory.writeBigUInt64LE(base + BigInt(bytesAt), vectorAt);
    memory.writeBigUInt64LE(BigInt(packet.length), vectorAt + 8);
    memory.writeUInt16LE(AF_INET6, nameAt);
    memory.set(packet.subarray(IPV6_DESTINATION_OFFSET, IPV6_HEADER_BYTES), nameAt + 8);
    const header = index * MMSGHDR_BYTES;
    memory.writeBigUInt64LE(base + BigInt(nameAt), header);
    memory.writeUInt32LE(SOCKADDR_IN6_BYTES, header + 8);
    memory.writeBigUInt64LE(base + BigInt(vectorAt), header + 16);
    memory.writeBigUInt64LE(1n, header + 24);
    vectorAt += IOVEC_BYTES;
    nameAt += SOCKADDR_IN6_BYTES;
    bytesAt += packet.length;
  }
  return { count: packets.length, memory, packets: memory };
}

/** Some packets of a batch as a batch of their own, which shares the packets. */
export function selectPackets(
  { memory, packets }: PacketBatch,
  ranges: readonly { readonly from: number; readonly count: number }[],
): PacketBatch {
  const headers = ranges.map(({ from, count }) =>
    memory.subarray(from * MMSGHDR_BYTES, (from + count) * MMSGHDR_BYTES),
  );
  return { count: ranges.reduce((sum, { count }) => sum + count, 0), memory: Buffer.concat(headers), packets };
}
