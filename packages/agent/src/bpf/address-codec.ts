import {
  type IpPrefix,
  type Ipv6Address,
  ipv6FromBytes,
  ipv6ToBytes,
  type Ipv6Prefix,
  mappedPrefix,
  prefixParts,
  unmappedPrefix,
} from "@sextant/model";
import type { KernelSender } from "../reconcile/data-plane";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const PREFIX = STRUCT_LAYOUTS.sxt_prefix;
const SENDER = STRUCT_LAYOUTS.sxt_sender;
const ADDRESS_BITS = 128;

/** struct sxt_prefix: IPv4 is mapped. */
export function encodePrefix(prefix: IpPrefix): Buffer {
  const { address, length } = prefixParts(mappedPrefix(prefix));
  const bytes = Buffer.alloc(PREFIX.bytes);
  bytes.writeUInt32LE(length, PREFIX.length);
  bytes.set(ipv6ToBytes(address), PREFIX.address);
  return bytes;
}

export function decodePrefix(bytes: Buffer): IpPrefix {
  return prefixAt(bytes, PREFIX.address, bytes.readUInt32LE(PREFIX.length));
}

/** struct sxt_sender. */
export function encodeSender({ sender, inner }: KernelSender): Buffer {
  const { address, length } = prefixParts(mappedPrefix(inner));
  const bytes = Buffer.alloc(SENDER.bytes);
  bytes.writeUInt32LE(ADDRESS_BITS + length, SENDER.length);
  bytes.set(ipv6ToBytes(sender), SENDER.sender);
  bytes.set(ipv6ToBytes(address), SENDER.inner);
  return bytes;
}

export function decodeSender(bytes: Buffer): KernelSender {
  const length = bytes.readUInt32LE(SENDER.length) - ADDRESS_BITS;
  return { sender: addressAt(bytes, SENDER.sender), inner: prefixAt(bytes, SENDER.inner, length) };
}

/** The prefix whose mapped address is at an offset. */
export function prefixAt(bytes: Buffer, offset: number, mappedLength: number): IpPrefix {
  return unmappedPrefix(`${addressAt(bytes, offset)}/${mappedLength}` as Ipv6Prefix);
}

export function addressAt(bytes: Buffer, offset: number): Ipv6Address {
  return ipv6FromBytes(bytes.subarray(offset, offset + 16));
}
