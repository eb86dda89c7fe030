import type { TcpCounters } from "../reconcile/data-plane";
import type { BpfMap } from "./bpf-map";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const TCP = STRUCT_LAYOUTS.sxt_list_tcp;

/** A per-CPU array of struct sxt_list_tcp. */
export class TcpTable {
  constructor(
    private readonly map: BpfMap,
    private readonly cpus: number,
  ) {}

  /** Sums over all CPUs from index 0, `length` of them; one system call. */
  read(length: number): (index: number) => TcpCounters {
    const values = this.map.readArray(length);
    const bytes = TCP.bytes * this.cpus;
    return (index) => sumOf(values.subarray(index * bytes, (index + 1) * bytes));
  }

  reset(index: number): void {
    this.map.setAt(index, Buffer.alloc(TCP.bytes * this.cpus));
  }
}

function sumOf(values: Buffer): TcpCounters {
  const sum = { sent: 0, sentAgain: 0, cameTwice: 0, roundTrips: 0, roundTripUs: 0, riseUs: 0 };
  for (let at = 0; at < values.length; at += TCP.bytes) {
    const read = (offset: number) => Number(values.readBigUInt64LE(at + offset));
    sum.sent += read(TCP.sent);
    sum.sentAgain += read(TCP.sent_again);
    sum.cameTwice += read(TCP.came_twice);
    sum.roundTrips += read(TCP.round_trips);
    sum.roundTripUs += read(TCP.round_trip_us);
    sum.riseUs += read(TCP.rise_us);
  }
  return sum;
}
