import type { BpfMap } from "./bpf-map";

/** Numbers that the programs count under names: packets per exit, what became of flows. */
export class NamedCounters {
  constructor(
    private readonly map: BpfMap,
    private readonly cpus: number,
    private readonly names: readonly string[],
  ) {}

  /** Sums over all CPUs by name; one system call. */
  read(): Map<string, bigint> {
    const values = this.map.readArray(this.names.length);
    return new Map(this.names.map((name, index) => [name, sumOf(values, index * this.cpus, this.cpus)]));
  }
}

function sumOf(values: Buffer, first: number, count: number): bigint {
  let sum = 0n;
  for (let i = first; i < first + count; i++) sum += values.readBigUInt64LE(i * 8);
  return sum;
}
