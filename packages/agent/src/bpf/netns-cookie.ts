import { SextantError } from "@sextant/model";
import { errnoName, lastErrno, libc } from "./ffi";

const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SOL_SOCKET = 1;
const SO_NETNS_COOKIE = 71;

/** What BPF knows the network namespace of this thread by (Linux 5.14); undefined on older kernels. */
export function netnsCookie(): bigint | undefined {
  const socket = libc().socket(AF_INET6, SOCK_DGRAM_CLOEXEC, 0);
  if (socket < 0) throw new SextantError("internal", `no socket to ask for its namespace: ${errnoName(lastErrno())}`);
  const cookie = Buffer.alloc(8);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(cookie.length);
  const result = libc().getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, cookie, length);
  libc().close(socket);
  return result === 0 ? cookie.readBigUInt64LE() : undefined;
}
