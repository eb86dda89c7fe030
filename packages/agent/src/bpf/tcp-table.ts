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
    sum.sent += countAt(values, at + TCP.sent);
    sum.sentAgain += countAt(values, at + TCP.sent_again);
    sum.cameTwice += countAt(values, at + TCP.came_twice);
    sum.roundTrips += countAt(values, at + TCP.round_trips);
    sum.roundTripUs += countAt(values, at + TCP.round_trip_us);
    sum.riseUs += countAt(values, at + TCP.rise_us);
  }
  return sum;
}

/** 64 bits without a bigint, as all lists are read four times a second; exact to 2^53: 285 years of round trips in microseconds. */
function countAt(values: Buffer, at: number): number {
  return values.readUInt32LE(at) + values.readUInt32LE(at + 4) * 2 ** 32;
}
