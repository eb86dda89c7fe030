import { STRUCT_LAYOUTS } from "./struct-layouts";

const TRAFFIC = STRUCT_LAYOUTS.sxt_traffic;

/** Steered traffic: segments of a super-packet count each, bytes are those of IP before the header was put on. */
export interface Traffic {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** Sum over all CPUs of the per-CPU value that starts at `offset`. */
export function sumTraffic(values: Buffer, offset: number, cpus: number): Traffic {
  let packets = 0n;
  let bytes = 0n;
  for (let at = offset, end = offset + cpus * TRAFFIC.bytes; at < end; at += TRAFFIC.bytes) {
    packets += values.readBigUInt64LE(at + TRAFFIC.packets);
    bytes += values.readBigUInt64LE(at + TRAFFIC.byte_count);
  }
  return { packets, bytes };
}
