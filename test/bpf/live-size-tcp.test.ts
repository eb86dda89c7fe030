import { eventually } from "../support/eventually";
import { ADDRESS_B, IPV4_B, LINK_MTU, SizeNetwork } from "./size-network";

const PORT = 7002;
/** Writes around a full segment of any header: each goes out by itself, and the next waits for its answer. */
const WRITES = Array.from({ length: 200 }, (_, i) => LINK_MTU - i);
const ANSWER_BOUND_MS = 5000;

jest.setTimeout(60_000);

let network: SizeNetwork;

beforeAll(async () => {
  network = SizeNetwork.up();
  // Super-packets make room by themselves: here each segment is a packet.
  for (const [namespace, device] of [
    [network.w, "w0"],
    [network.a, "a0"],
    [network.b, "b0"],
  ] as const) {
    network.namespaces.run(namespace, `ethtool -K ${device} tso off gso off gro off`);
  }
  const script = `require("node:net").createServer((socket) => {
      let bytes = 0;
      socket.on("data", (data) => {
        bytes += data.length;
        if (data.at(-1) === 1) socket.write(bytes + "\\n"), (bytes = 0);
      });
    }).listen(${PORT}, "::", () => console.log("ready"));`;
  const server = network.namespaces.spawn(network.b, [process.execPath, "-e", script]);
  let text = "";
  server.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await eventually("the server is ready", () => text.includes("ready"));
});

afterAll(() => network.down());

/** Sends every write over one connection; gives how many were answered before one was not. */
async function answered(from: string, address: string): Promise<number> {
  const script = `const socket = require("node:net").connect(${PORT}, "${address}");
    socket.setNoDelay();
    socket.on("connect", async () => {
      let answers = 0;
      for (const bytes of ${JSON.stringify(WRITES)}) {
        socket.write(Buffer.alloc(bytes).fill(1, bytes - 1));
        const answer = await new Promise((done) => {
          const timer = setTimeout(done, ${ANSWER_BOUND_MS});
          socket.once("data", (data) => { clearTimeout(timer); done(String(data)); });
        });
        if (answer !== bytes + "\\n") break;
        answers += 1;
      }
      console.log(answers + ".");
      socket.destroy();
    });`;
  const client = network.namespaces.spawn(from, [process.execPath, "-e", script]);
  let text = "";
  client.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await eventually("the client is done", () => text.endsWith(".\n"), 2 * ANSWER_BOUND_MS);
  return Number.parseInt(text, 10);
}

const cases: [string, "insert" | "encap", "a" | "w", string][] = [
  ["inserted", "insert", "a", ADDRESS_B],
  ["encapsulated", "encap", "a", ADDRESS_B],
  ["encapsulated, forwarded", "encap", "w", ADDRESS_B],
  ["IPv4", "encap", "a", IPV4_B],
  ["IPv4, forwarded", "encap", "w", IPV4_B],
];

describe("every write of about one segment is answered", () => {
  test.each(cases)("%s: the handshake tells the size, and no packet is too big", async (_, mode, from, address) => {
    network.steer({ mode, knowsSize: true });
    const before = { told: network.reason("too_big_told"), lowered: network.reason("segments_lowered") };
    expect(await answered(network[from], address)).toBe(WRITES.length);
    expect(network.reason("too_big_told")).toBe(before.told);
    expect(network.reason("segments_lowered")).toBeGreaterThan(before.lowered);
  });

  test.each(cases)("%s: told by the first packet that is too big", async (_, mode, from, address) => {
    network.steer({ mode });
    const told = network.reason("too_big_told");
    expect(await answered(network[from], address)).toBe(WRITES.length);
    expect(network.reason("too_big_told")).toBeGreaterThan(told);
  });

  test.each(cases)("%s: dropped, and sent again smaller", async (_, mode, from, address) => {
    network.steer({ mode, onNoPath: "drop" });
    const told = network.reason("too_big_dropped_told");
    expect(await answered(network[from], address)).toBe(WRITES.length);
    expect(network.reason("too_big_dropped_told")).toBeGreaterThan(told);
  });

  test.each(cases)(
    "%s: told by a router before a narrow link, which quotes the header",
    async (_, mode, from, address) => {
      network.steer({ mode });
      // The handshake over a narrow link would tell the size of the link.
      network.narrow(1400);
      const restored = network.reason("error_restored");
      expect(await answered(network[from], address)).toBe(WRITES.length);
      expect(network.reason("error_restored")).toBeGreaterThan(restored);
      network.narrow(LINK_MTU);
    },
  );
});
