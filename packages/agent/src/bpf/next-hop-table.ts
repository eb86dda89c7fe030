import { SextantError } from "@sextant/model";
import type { NextHop, Traffic } from "../reconcile/data-plane";
import type { BpfMap } from "./bpf-map";
import { type MonotonicClock, REUSE_GRACE_MS } from "./index-pool";
import { KERNEL_LIMITS } from "./kernel-limits";
import { decodeNextHop, encodeNextHop } from "./list-codec";
import { STRUCT_LAYOUTS } from "./struct-layouts";
import type { TrafficTable } from "./traffic";

const BYTES = STRUCT_LAYOUTS.sxt_next_hop.bytes;
const MAX_TAG = 0xffff;

interface Entry {
  readonly content: string;
  readonly nextHop: NextHop;
  users: number;
  /** When the last user left. */
  idleSinceMs: number;
}

/**
 * Uplinks and gateways, shared by all lists that leave there. What nobody uses keeps its place and its counters until room is
 * needed: counters of an uplink do not go back when its last list moves.
 */
export class NextHopTable {
  readonly #entries: (Entry | undefined)[] = new Array<Entry | undefined>(KERNEL_LIMITS.maxNextHops).fill(undefined);
  readonly #slots = new Map<string, number>();
  /** Of the next hop made last. */
  #tag = 0;

  constructor(
    private readonly map: BpfMap,
    private readonly counters: TrafficTable,
    private readonly nowMs: MonotonicClock,
  ) {
    const values = map.readArray(KERNEL_LIMITS.maxNextHops);
    for (let slot = 0; slot < KERNEL_LIMITS.maxNextHops; slot++) {
      const { nextHop, tag } = decodeNextHop(values.subarray(slot * BYTES, (slot + 1) * BYTES));
      this.#tag = Math.max(this.#tag, tag);
      if (nextHop.ifindex !== 0) this.#note(slot, nextHop);
    }
  }

  at(slot: number): NextHop | undefined {
    return this.#entries[slot]?.nextHop;
  }

  /** Index of a next hop with one user more. Throws SextantError `map_full`. */
  acquire(nextHop: NextHop): number {
    const slot = this.#slots.get(contentOf(nextHop)) ?? this.#create(nextHop);
    this.use(slot);
    return slot;
  }

  /** One user more, of an index that was found in a list. */
  use(slot: number): void {
    const entry = this.#entries[slot];
    if (entry !== undefined) entry.users++;
  }

  /** One user less. */
  release(slot: number): void {
    const entry = this.#entries[slot];
    if (entry === undefined) return;
    entry.users--;
    if (entry.users === 0) entry.idleSinceMs = this.nowMs();
  }

  /** Traffic by interface. */
  uplinks(): Map<number, Traffic> {
    const traffic = this.counters.read(KERNEL_LIMITS.maxNextHops);
    const uplinks = new Map<number, Traffic>();
    for (const [slot, entry] of this.#entries.entries()) {
      if (entry === undefined) continue;
      const { ifindex } = entry.nextHop;
      const sum = uplinks.get(ifindex) ?? { packets: 0n, bytes: 0n };
      const more = traffic(slot);
      uplinks.set(ifindex, { packets: sum.packets + more.packets, bytes: sum.bytes + more.bytes });
    }
    return uplinks;
  }

  #create(nextHop: NextHop): number {
    const slot = this.#free();
    if (slot === undefined) {
      const limit = KERNEL_LIMITS.maxNextHops;
      throw new SextantError("map_full", `the host holds ${limit} next hops already: use fewer gateways`);
    }
    this.counters.reset(slot);
    this.#tag = (this.#tag % MAX_TAG) + 1;
    this.map.setAt(slot, encodeNextHop(nextHop, this.#tag));
    this.#slots.delete(this.#entries[slot]?.content ?? "");
    this.#note(slot, nextHop);
    return slot;
  }

  /** A place that was never used, else the one that has been idle longest. */
  #free(): number | undefined {
    const unused = this.#entries.indexOf(undefined);
    if (unused !== -1) return unused;
    const before = this.nowMs() - REUSE_GRACE_MS;
    const idle = [...this.#entries.entries()].filter(
      ([, entry]) => entry?.users === 0 && entry.idleSinceMs <= before,
    ) as [number, Entry][];
    return idle.sort(([, a], [, b]) => a.idleSinceMs - b.idleSinceMs)[0]?.[0];
  }

  #note(slot: number, nextHop: NextHop): void {
    const content = contentOf(nextHop);
    this.#entries[slot] = { content, nextHop, users: 0, idleSinceMs: -Infinity };
    this.#slots.set(content, slot);
  }
}

function contentOf({ ifindex, gateway }: NextHop): string {
  return `${ifindex} ${gateway ?? ""}`;
}
