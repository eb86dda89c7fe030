import type { BpfMap } from "./bpf-map";
import { REASONS } from "./reasons";

/** Packets per exit of the programs. */
export class ReasonCounters {
  constructor(
    private readonly map: BpfMap,
    private readonly cpus: number,
  ) {}

  /** Sums over all CPUs by name; one system call. */
  read(): Map<string, bigint> {
    const values = this.map.readArray(REASONS.length);
    return new Map(REASONS.map((name, index) => [name, sumOf(values, index * this.cpus, this.cpus)]));
  }
}

function sumOf(values: Buffer, first: number, count: number): bigint {
  let sum = 0n;
  for (let i = first; i < first + count; i++) sum += values.readBigUInt64LE(i * 8);
  return sum;
}
