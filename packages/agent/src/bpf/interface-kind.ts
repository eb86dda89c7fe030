import { SextantError } from "@sextant/model";
import { errnoName, lastErrno, libc } from "./ffi";

const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SIOCGIFNAME = 0x8910;
const SIOCGIFHWADDR = 0x8927;
/** struct ifreq: 16 bytes of name, then the index, or the hardware address that opens with its type. */
const IFREQ_BYTES = 40;
const IFREQ_VALUE = 16;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/**
 * Name of an interface that can carry the programs: they expect Ethernet framing. Throws SextantError `interface_gone` when
 * there is none of this index in the namespace, `invalid_argument` when its frames are of another kind.
 */
export function ethernetInterfaceName(ifindex: number): string {
  const socket = libc().socket(AF_INET6, SOCK_DGRAM_CLOEXEC, 0);
  if (socket < 0)
    throw new SextantError("internal", `no socket to ask for interface ${ifindex}: ${errnoName(lastErrno())}`);
  try {
    const request = Buffer.alloc(IFREQ_BYTES);
    request.writeInt32LE(ifindex, IFREQ_VALUE);
    if (libc().ioctl(socket, SIOCGIFNAME, request) !== 0) throw interfaceGone(ifindex);
    const name = request.toString("utf8", 0, request.indexOf(0));
    if (libc().ioctl(socket, SIOCGIFHWADDR, request) !== 0) throw interfaceGone(ifindex);
    const type = request.readUInt16LE(IFREQ_VALUE);
    if (type === ARPHRD_ETHER || type === ARPHRD_LOOPBACK) return name;
    throw new SextantError(
      "invalid_argument",
      `interface ${name} has no Ethernet framing (type ${type}): use another uplink`,
    );
  } finally {
    libc().close(socket);
  }
}

/** The error for an interface that is not, or no longer, there. */
export function interfaceGone(ifindex: number): SextantError {
  return new SextantError("interface_gone", `there is no interface with index ${ifindex} in this network namespace`);
}
