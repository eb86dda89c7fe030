import { createHash } from "node:crypto";
import type { Lab } from "@sextant/lab";

/** Takes one connection, answers with the SHA-256 of all that came. */
const SERVER = `
  const server = require("node:net").createServer({ allowHalfOpen: true }, (socket) => {
    const hash = require("node:crypto").createHash("sha256");
    socket.on("data", (chunk) => hash.update(chunk));
    socket.on("end", () => { socket.end(hash.digest("hex")); server.close(); });
  });
  server.listen(Number(process.argv[1]), "::", () => console.log("ready"));
`;

/** Writes everything at once: the kernel makes super-packets of it. */
const CLIENT = `
  const socket = require("node:net").connect(Number(process.argv[1]), process.argv[2]);
  const content = require("node:crypto").createHash("shake256", { outputLength: Number(process.argv[3]) }).update("seed").digest();
  socket.end(content);
  socket.pipe(process.stdout);
`;

export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly cgroup?: string;
  /** The receiver's first IPv6 address by default. */
  readonly address?: string;
  readonly bytes: number;
}

/** Sends bytes over TCP as one large write; gives the digest of what was sent and of what arrived. */
export async function transfer(
  lab: Lab,
  { from, to, port, cgroup, bytes, address = lab.addressOf(to) }: Transfer,
): Promise<{ sent: string; arrived: string }> {
  const server = lab.spawn(to, [process.execPath, "-e", SERVER, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await new Promise((resolve, reject) => {
      server.stdout?.once("data", resolve);
      server.once("close", () => reject(new Error("the server ended")));
    });
    const client = [process.execPath, "-e", CLIENT, String(port), address, String(bytes)];
    const { stdout } = await lab.exec(from, client, { cgroup });
    const content = createHash("shake256", { outputLength: bytes }).update("seed").digest();
    return { sent: createHash("sha256").update(content).digest("hex"), arrived: stdout };
  } finally {
    server.kill();
  }
}
