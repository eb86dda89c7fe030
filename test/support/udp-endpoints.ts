import type { ChildProcess } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Namespaces } from "./namespaces";

const RECEIVER = `
  const socket = require("node:dgram").createSocket("udp6");
  const seen = new Set();
  socket.on("message", (bytes) => seen.add(bytes.readUInt32BE()));
  // A busy machine may leave this process waiting for a second.
  socket.bind(PORT, () => { socket.setRecvBufferSize(1 << 22); console.log("ready"); });
  process.stdin.on("data", () => console.log(seen.size));
`;

/** Nobody listens there; the send queue is in order, so what came before the last datagram has left too. */
const DISCARD_PORT = "9";

const SENDER = `
  const socket = require("node:dgram").createSocket("udp6");
  let sent = 0;
  const timer = setInterval(() => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32BE(sent++);
    socket.send(bytes, PORT, "ADDRESS");
  }, 1);
  console.log("ready");
  process.stdin.on("data", () => {
    clearInterval(timer);
    socket.send("end", DISCARD, "ADDRESS", () => console.log(sent));
  });
`;

/** A small program in a namespace that answers a line with a number. */
class Endpoint {
  readonly #lines: Interface;

  constructor(private readonly child: ChildProcess) {
    if (child.stdout === null) throw new Error("the endpoint needs a pipe");
    this.#lines = createInterface(child.stdout);
  }

  async line(): Promise<string> {
    return new Promise((resolve) => this.#lines.once("line", resolve));
  }

  async ask(): Promise<number> {
    const answer = this.line();
    this.child.stdin?.write("?\n");
    return Number(await answer);
  }
}

/** Counts the different datagrams that arrive on a port. */
export class UdpReceiver {
  private constructor(private readonly endpoint: Endpoint) {}

  static async start(namespaces: Namespaces, namespace: string, port: number): Promise<UdpReceiver> {
    const script = RECEIVER.replace("PORT", String(port));
    const endpoint = new Endpoint(namespaces.spawn(namespace, [process.execPath, "-e", script]));
    await endpoint.line();
    return new UdpReceiver(endpoint);
  }

  /** Datagrams received so far. */
  received(): Promise<number> {
    return this.endpoint.ask();
  }
}

/** Sends a numbered datagram every millisecond, from a process in a cgroup. */
export class UdpSender {
  private constructor(private readonly endpoint: Endpoint) {}

  static async start(
    namespaces: Namespaces,
    options: { namespace: string; cgroup: string; address: string; port: number },
  ): Promise<UdpSender> {
    const { namespace, cgroup, address, port } = options;
    const script = SENDER.replace("PORT", String(port)).replaceAll("ADDRESS", address).replace("DISCARD", DISCARD_PORT);
    const enter = `echo $$ > ${cgroup}/cgroup.procs && exec "$0" -e "$1"`;
    const endpoint = new Endpoint(namespaces.spawn(namespace, ["sh", "-c", enter, process.execPath, script]));
    await endpoint.line();
    return new UdpSender(endpoint);
  }

  /** Stops; gives how many were sent. */
  stop(): Promise<number> {
    return this.endpoint.ask();
  }
}
