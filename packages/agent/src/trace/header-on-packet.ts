import { ipToBytes, isIpv4 } from "@sextant/model";
import type { KernelList } from "../reconcile/data-plane";
import { flowHash, flowLabel } from "./flow-hash";
import type { TracedPacket } from "./traced-packet";

const IPV6_BYTES = 40;
const SRH_FIXED_BYTES = 8;
const DEFAULT_HOP_LIMIT = 64;
/** Next Header values of IP in IP. RFC 2003, RFC 2473. */
const IPV4_INSIDE = 4;
const IPV6_INSIDE = 41;

/**
 * The header of a list with the packet's own fields filled in, as it is on the wire, of a packet with hop limit 64 and without
 * ECN. The flow label is 0 where not both ports are given.
 */
export function headerOnPacket(list: KernelList, packet: TracedPacket): Uint8Array {
  const bytes = Uint8Array.from(list.header);
  if (list.encapsulation === "insert") {
    bytes[0] = packet.protocol;
    bytes.set(ipToBytes(packet.destination), SRH_FIXED_BYTES);
    return bytes;
  }
  const view = new DataView(bytes.buffer);
  const hash = flowHash(packet);
  view.setUint32(0, ((6 << 28) | (packet.dscp << 22) | (hash === undefined ? 0 : flowLabel(hash))) >>> 0);
  view.setUint16(4, bytes.length - IPV6_BYTES + packet.bytes);
  bytes[7] = DEFAULT_HOP_LIMIT;
  // The Next Header field that comes last: that of the SRH where there is one.
  bytes[bytes.length > IPV6_BYTES ? IPV6_BYTES : 6] = isIpv4(packet.destination) ? IPV4_INSIDE : IPV6_INSIDE;
  return bytes;
}
