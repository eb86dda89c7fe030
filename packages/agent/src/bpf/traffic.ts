import type { Traffic } from "../reconcile/data-plane";
import type { BpfMap } from "./bpf-map";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const TRAFFIC = STRUCT_LAYOUTS.sxt_traffic;

/** A per-CPU array of struct sxt_traffic. */
export class TrafficTable {
  constructor(
    private readonly map: BpfMap,
    private readonly cpus: number,
  ) {}

  /** Sums over all CPUs from index 0, `length` of them; one system call. */
  read(length: number): (index: number) => Traffic {
    const values = this.map.readArray(length);
    return (index) => this.sum(values, index * this.cpus * TRAFFIC.bytes);
  }

  reset(index: number): void {
    this.map.setAt(index, Buffer.alloc(TRAFFIC.bytes * this.cpus));
  }

  private sum(values: Buffer, offset: number): Traffic {
    let packets = 0n;
    let bytes = 0n;
    for (let at = offset, end = offset + this.cpus * TRAFFIC.bytes; at < end; at += TRAFFIC.bytes) {
      packets += values.readBigUInt64LE(at + TRAFFIC.packets);
      bytes += values.readBigUInt64LE(at + TRAFFIC.byte_count);
    }
    return { packets, bytes };
  }
}
