import { join } from "node:path";
import { PacketBuilder } from "../../bpf/packet-builder";
import { type Rig, said } from "./rig";

const RAW_SOCKET = join(__dirname, "..", "..", "..", "packages", "agent", "dist", "bpf", "raw-socket.js");
const SENDER = `
  const { RawIpv6Socket, packetBatch } = require(${JSON.stringify(RAW_SOCKET)});
  const { refused } = RawIpv6Socket.open().send(packetBatch(process.argv.slice(1).map((hex) => Buffer.from(hex, "hex"))));
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
`;
const IPV4_IN_IPV6 = 4;
const IPV6_IN_IPV6 = 41;

/** Has a node send IPv6 packets, header and all, by its own routes, whoever they say they are from. */
export async function sendRaw(rig: Rig, node: string, packets: readonly Uint8Array[]): Promise<void> {
  const hex = packets.map((packet) => Buffer.from(packet).toString("hex"));
  said(await rig.lab.exec(node, [process.execPath, "-e", SENDER, ...hex]));
}

/** An outer header around a packet, the way a host of the domain puts it on. */
export function wrapped(source: string, decapsulationSid: string, inner: Uint8Array, trafficClass = 0): Buffer {
  const protocol = (inner[0] ?? 0) >> 4 === 4 ? IPV4_IN_IPV6 : IPV6_IN_IPV6;
  return PacketBuilder.between(source, decapsulationSid).trafficClass(trafficClass).raw(protocol, inner).packet();
}
