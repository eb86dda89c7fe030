import { ipv6ToBytes } from "@sextant/model";
import { packetBatch, RawIpv6Socket } from "../../packages/agent/src/bpf/raw-socket";
import { eventually } from "../support/eventually";
import {
  DECAPSULATION_SID,
  DecapsulationNetwork,
  HOST,
  HOST_IPV4,
  SENDER,
  SENDER_IPV4,
  SID_R,
  SPOOFED,
  WORKLOAD,
  WORKLOAD_IPV4,
} from "./decapsulation-network";
import { sendSuperPacket, within } from "./live-network";
import { PacketBuilder } from "./packet-builder";
import { capture } from "./tcpdump";

const STREAM_BYTES = 32 << 20;
const MTU = 1500;

jest.setTimeout(30_000);

let network: DecapsulationNetwork;

beforeAll(() => {
  network = DecapsulationNetwork.up();
});

afterAll(() => network.down());

/** Each receiver has its own. */
let port = 7000;

beforeEach(() => {
  port += 1;
});

/** A Node program that has said "ready"; what it has printed grows in `text`. */
async function start(namespace: string, script: string): Promise<{ text: () => string }> {
  const child = network.namespaces.spawn(namespace, [process.execPath, "-e", script]);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await eventually("the program is ready", () => output.includes("ready"));
  return { text: () => output };
}

const places = [
  ["the host, IPv6", "b", HOST, SENDER],
  ["the host, IPv4", "b", HOST_IPV4, SENDER_IPV4],
  ["a workload behind it, IPv6", "w", WORKLOAD, SENDER],
  ["a workload behind it, IPv4", "w", WORKLOAD_IPV4, SENDER_IPV4],
] as const;

describe.each(places)("%s", (_name, place, address, source) => {
  test("answers what came in an outer header, with its own hop limit, by tcpdump's account", async () => {
    const onWire = await capture(network.namespaces, network.r, "rb", `dst host ${DECAPSULATION_SID}`);
    const before = network.counted("decapsulated");
    const output = network.namespaces.run(network.a, `ping -n -c 3 -i 0.05 -W 2 ${address}`);
    expect(output).toContain("3 received");
    expect(network.counted("decapsulated") - before).toBe(3);
    await eventually("tcpdump saw them", () => onWire.text().split("echo request").length > 3);
    expect(onWire.text()).toContain(`${SENDER} > ${DECAPSULATION_SID}`);
    onWire.stop();
  });

  test("hears datagrams from the inner source", async () => {
    const type = address.includes(":") ? "udp6" : "udp4";
    const script = `require("node:dgram").createSocket("${type}")
      .on("message", (m, from) => console.log(m + " from " + from.address)).bind(${port}, () => console.log("ready"))`;
    const receiver = await start(network[place], script);
    const client = `require("node:dgram").createSocket("${type}").send("hello", ${port}, "${address}", process.exit)`;
    network.namespaces.run(network.a, `${process.execPath} -e '${client}'`);
    await eventually("it arrived", () => receiver.text().includes(`hello from ${source}`));
  });

  test("receives a TCP stream in super-packets, every byte of it", async () => {
    const script = `let n = 0; let sum = 0; require("node:net").createServer((s) =>
      s.on("data", (d) => { n += d.length; if (!d.every((byte) => byte === 7)) console.log("spoilt"); })
       .on("end", () => console.log(n))).listen(${port}, "::", () => console.log("ready"));`;
    const server = await start(network[place], script);
    const before = network.counted("decapsulated");
    const client = `require("node:net").connect(${port}, "${address}").end(Buffer.alloc(${STREAM_BYTES}, 7))`;
    network.namespaces.run(network.a, `${process.execPath} -e '${client}'`);
    await eventually("the stream has ended", () => server.text().includes(String(STREAM_BYTES)));
    expect(server.text()).not.toContain("spoilt");
    expect(network.counted("decapsulated") - before).toBeLessThan(STREAM_BYTES / MTU / 4);
    expect(network.counted("decapsulation_refused")).toBe(0);
  });
});

test.each([
  ["the host", "b", HOST],
  ["a workload behind it", "w", WORKLOAD],
] as const)("datagrams sent as one super-packet reach %s one by one", async (_name, place, address) => {
  const script = `require("node:dgram").createSocket("udp6").on("message", (m) => console.log(m.length))
    .bind(${port}, "::", () => console.log("ready"));`;
  const server = await start(network[place], script);
  within(network.a, () => sendSuperPacket(ipv6ToBytes(address), port, 3600, 1200));
  await eventually("three datagrams arrived", () => server.text() === "ready\n1200\n1200\n1200\n");
});

test("an inner source that the sender may not bring gets no answer, and is counted", () => {
  const before = network.counted("inner_source_refused");
  const ping = `ping -n -q -c 2 -i 0.05 -W 0.3 -I ${SPOOFED} ${HOST} || true`;
  expect(network.namespaces.run(network.a, ping)).toContain("0 received");
  expect(network.counted("inner_source_refused") - before).toBe(2);
});

describe("the sender is told, by tcpdump's account", () => {
  const ICMP = "icmp6 and ip6[40] == 4";

  test("that a socket's datagram may not end at the decapsulation SID", async () => {
    const heard = await capture(network.namespaces, network.a, "a0", ICMP);
    // From a socket, so that its checksum is still to be made when it arrives over these links.
    const client = `require("node:dgram").createSocket("udp6").send("hello", ${port}, "${DECAPSULATION_SID}", process.exit)`;
    network.namespaces.run(network.a, `${process.execPath} -e '${client}'`);
    await eventually("the answer came", () => heard.text().includes("parameter problem"));
    expect(heard.text()).toContain(
      `${DECAPSULATION_SID} > ${SENDER}: [icmp6 sum ok] ICMP6, parameter problem, code-#4`,
    );
    heard.stop();
  });

  test("which octet of its SRH is wrong", async () => {
    const heard = await capture(network.namespaces, network.a, "a0", ICMP);
    const segments = [SID_R, HOST];
    const packet = PacketBuilder.between(SENDER, HOST).srh({ segmentsLeft: 0, segments }, { 4: 9 }).udp(53).packet();
    // Another route than that of sockets: this one brings its own SRH.
    network.namespaces.run(network.a, `ip -6 route replace ${HOST}/128 via 2001:db8:a::ff`);
    const socket = within(network.a, () => RawIpv6Socket.open());
    socket.send(packetBatch([packet]));
    socket.close();
    await eventually("the answer came", () => heard.text().includes("parameter problem"));
    expect(heard.text()).toContain(
      `${HOST} > ${SENDER}: [icmp6 sum ok] ICMP6, parameter problem, erroneous - octet 43`,
    );
    expect(network.counted("srh_malformed_answered")).toBe(1);
    heard.stop();
  });
});
