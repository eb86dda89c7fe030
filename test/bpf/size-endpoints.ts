import { ipToBytes, parseIp } from "@sextant/model";
import { addressOf, errnoName, lastErrno, libc } from "../../packages/agent/src/bpf/ffi";
import { eventually } from "../support/eventually";
import type { Namespaces } from "../support/namespaces";
import { within } from "./live-network";

/** Where datagrams of every size are received. */
export const UDP_PORT = 7001;
const SOCK_DGRAM = 2;
const AF_INET = 2;
const AF_INET6 = 10;

/** A socket option of the Linux ABI: level, name, value. */
type SocketOption = readonly [number, number, number];
export const IPV6_DONTFRAG: SocketOption = [41, 62, 1];
/** IP_MTU_DISCOVER: always, and never. */
export const IPV4_DONT_FRAGMENT: SocketOption = [0, 10, 2];
export const IPV4_MAY_FRAGMENT: SocketOption = [0, 10, 0];

/** Notes the sizes of the datagrams that arrive, whole and unspoilt. */
export class SizeReceiver {
  #text = "";

  private constructor() {}

  static async start(namespaces: Namespaces, namespace: string): Promise<SizeReceiver> {
    const script = `for (const type of ["udp4", "udp6"]) {
      const socket = require("node:dgram").createSocket({ type, ipv6Only: type === "udp6" });
      socket.on("message", (m) => { if (m.every((byte) => byte === (m.length & 0xff))) console.log(m.length); });
      socket.bind(${UDP_PORT}, () => { socket.setRecvBufferSize(1 << 21); console.log("ready"); });
    }`;
    const receiver = new SizeReceiver();
    const child = namespaces.spawn(namespace, [process.execPath, "-e", script]);
    child.stdout?.on("data", (chunk: Buffer) => (receiver.#text += chunk.toString()));
    await eventually("the receiver is ready", () => receiver.#text.split("ready").length === 3);
    return receiver;
  }

  /** Payload sizes that have arrived since it was forgotten. */
  sizes(): Set<number> {
    return new Set(this.#text.split("\n").filter(Boolean).map(Number));
  }

  /** How many of a size. */
  count(size: number): number {
    return this.#text.split("\n").filter((line) => line === String(size)).length;
  }

  forget(): void {
    this.#text = "";
  }
}

/** Payload of a size: every byte tells it. */
const payload = (bytes: number) => Buffer.alloc(bytes, bytes & 0xff);

/** Sends one datagram of each size on a socket that is not connected; gives those that the kernel refused, with the error. */
export function sendUnconnected(
  namespace: string,
  address: string,
  sizes: readonly number[],
  options: readonly SocketOption[] = [],
): Map<number, string> {
  return within(namespace, () => {
    const ipv6 = address.includes(":");
    const socket = libc().socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
    for (const [level, name, value] of options) {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value);
      if (libc().setsockopt(socket, level, name, bytes, 4) !== 0) throw new Error(errnoName(lastErrno()));
    }
    const refused = new Map<number, string>();
    for (const size of sizes) {
      if (libc().sendmmsg(socket, message(address, payload(size)), 1, 0) !== 1)
        refused.set(size, errnoName(lastErrno()));
    }
    libc().close(socket);
    return refused;
  });
}

/** struct mmsghdr, iovec, socket address and payload in one buffer, so that all is kept as long as it is used. */
function message(address: string, data: Buffer): Buffer {
  const parsed = parseIp(address);
  if (parsed === undefined) throw new RangeError(`"${address}" is no address`);
  const bytes = ipToBytes(parsed);
  const ipv6 = bytes.length === 16;
  const memory = Buffer.alloc(108 + data.length);
  const base = addressOf(memory);
  memory.writeBigUInt64LE(base + 80n);
  memory.writeUInt32LE(ipv6 ? 28 : 16, 8);
  memory.writeBigUInt64LE(base + 64n, 16);
  memory.writeBigUInt64LE(1n, 24);
  memory.writeBigUInt64LE(base + 108n, 64);
  memory.writeBigUInt64LE(BigInt(data.length), 72);
  memory.writeUInt16LE(ipv6 ? AF_INET6 : AF_INET, 80);
  memory.writeUInt16BE(UDP_PORT, 82);
  memory.set(bytes, ipv6 ? 88 : 84);
  memory.set(data, 108);
  return memory;
}

/** The same on a connected socket, which also reports errors about datagrams that it sent before. */
export async function sendConnected(
  namespaces: Namespaces,
  namespace: string,
  address: string,
  sizes: readonly number[],
): Promise<Map<number, string>> {
  const script = `const socket = require("node:dgram").createSocket("${address.includes(":") ? "udp6" : "udp4"}");
    const refused = [];
    socket.on("error", () => undefined);
    socket.connect(${UDP_PORT}, "${address}", async () => {
      for (const size of ${JSON.stringify(sizes)}) {
        const error = await new Promise((done) => socket.send(Buffer.alloc(size, size & 0xff), done));
        if (error) refused.push([size, error.code]);
      }
      console.log(JSON.stringify(refused) + ".");
      socket.close();
    });`;
  const child = namespaces.spawn(namespace, [process.execPath, "-e", script]);
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await eventually("all is sent", () => text.endsWith(".\n"));
  return new Map(JSON.parse(text.slice(0, -2)) as [number, string][]);
}
