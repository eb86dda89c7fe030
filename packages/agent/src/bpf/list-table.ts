import { SextantError } from "@sextant/model";
import type {
  KernelKey,
  KernelList,
  ListDemand,
  ListObservation,
  LoopCounters,
  NextHop,
  ProbeCounters,
  TcpCounters,
} from "../reconcile/data-plane";
import type { BpfMap } from "./bpf-map";
import { DecodeCache, Derived } from "./decode-cache";
import type { MonotonicClock } from "./index-pool";
import { KERNEL_LIMITS } from "./kernel-limits";
import {
  decodeDemand,
  decodeList,
  encodeDemand,
  encodeList,
  HEADER_BYTES_MAX,
  sameListContent,
  type StoredList,
} from "./list-codec";
import type { NextHopTable } from "./next-hop-table";
import { SlotPool } from "./slot-pool";
import { STRUCT_LAYOUTS } from "./struct-layouts";
import type { TcpTable } from "./tcp-table";
import type { TrafficTable } from "./traffic";
import { allOrNothing } from "./undo";

const LIST = STRUCT_LAYOUTS.sxt_list;
const STATE = STRUCT_LAYOUTS.sxt_list_state;
const LOOPS = STRUCT_LAYOUTS.sxt_list_loops;
/** Stands for a next hop that is gone: no list of ours names one. */
const NOWHERE: NextHop = { ifindex: 0, gateway: undefined };

/** What a list table writes to. */
export interface ListMaps {
  readonly lists: BpfMap;
  readonly states: BpfMap;
  readonly loops: BpfMap;
  /** TCP flows that left each list. */
  readonly moves: BpfMap;
  readonly tcp: TcpTable;
  readonly counters: TrafficTable;
}

/**
 * Segment lists. What user space writes (map `lists`) and what BPF writes (arrays `list_states`, `list_loops`,
 * `list_counters`, `list_tcp`) are apart, at the same index, so that moving a list to another next hop cannot lose a sequence number.
 */
export class ListTable {
  private readonly slots: SlotPool<KernelKey>;
  /** By slot: the nonce of a list that is there. */
  private readonly nonces = new Map<number, bigint>();
  private readonly decoded = new DecodeCache(LIST.bytes, decodeList);
  private readonly lists = new Derived(
    ({ list }: StoredList, nextHop: NextHop | undefined): KernelList => ({ ...list, nextHop: nextHop ?? NOWHERE }),
  );

  constructor(
    private readonly maps: ListMaps,
    private readonly nextHops: NextHopTable,
    nowMs: MonotonicClock,
  ) {
    this.slots = new SlotPool(KERNEL_LIMITS.maxLists, nowMs);
    for (const [slot, { key, nextHopSlot, list }] of this.stored(KERNEL_LIMITS.maxLists)) {
      if (!this.slots.adopt(key, slot)) continue;
      this.nonces.set(slot, list.nonce);
      nextHops.use(nextHopSlot);
    }
  }

  all(): Map<KernelKey, KernelList> {
    const lists = new Map<KernelKey, KernelList>();
    for (const [slot, stored] of this.stored(this.slots.span())) {
      const { key, nextHopSlot } = stored;
      if (this.slots.get(key) === slot) lists.set(key, this.lists.of(stored, this.nextHops.at(nextHopSlot)));
    }
    return lists;
  }

  slotOf(key: KernelKey): number | undefined {
    return this.slots.get(key);
  }

  keyAt(slot: number): KernelKey | undefined {
    return this.slots.keyAt(slot);
  }

  /**
   * Creates a list, or changes next hop and MTU of one in place: what liveness asks of it stays. One with another content goes to another slot, with liveness
   * and counters of its own; gives the slot that it has left: `retire` it when no policy names it any more.
   */
  put(key: KernelKey, list: KernelList): number | undefined {
    refuseMisfit(key, list);
    const known = this.slots.get(key);
    if (known !== undefined && this.change(key, known, list)) return undefined;
    this.create(key, list);
    return known;
  }

  delete(key: KernelKey): void {
    const slot = this.slots.get(key);
    if (slot !== undefined) this.retire(slot);
  }

  /** Without its key a slot is free for a later process; the rest stays for packets on their way through the program. */
  retire(slot: number): void {
    const now = this.maps.lists.at(slot);
    this.nextHops.release(now.readUInt32LE(LIST.next_hop));
    now.writeBigUInt64LE(0n, LIST.key);
    this.maps.lists.setAt(slot, now);
    this.nonces.delete(slot);
    this.slots.retire(slot);
  }

  probeIdentity(key: KernelKey): { slot: number; nonce: bigint } | undefined {
    const slot = this.slots.get(key);
    const nonce = slot === undefined ? undefined : this.nonces.get(slot);
    return slot === undefined || nonce === undefined ? undefined : { slot, nonce };
  }

  /** Three system calls for all lists together. */
  observe(): Map<KernelKey, ListObservation> {
    const traffic = this.maps.counters.read(this.slots.span());
    const observed = [...this.observeProbes()].map(([key, probes]): [KernelKey, ListObservation] => {
      return [key, { ...probes, ...traffic(this.slots.get(key) ?? 0) }];
    });
    return new Map(observed);
  }

  /** Two system calls, and of the maps only what is in use. */
  observeProbes(): Map<KernelKey, ProbeCounters> {
    const states = this.maps.states.readArray(this.slots.span());
    const loops = this.maps.loops.readArray(this.slots.span());
    const observed = new Map<KernelKey, ProbeCounters>();
    for (const [key, slot] of this.slots.entries()) {
      const { sent, returned, returnedCount, roundTripNs } = countersAt(states, slot * STATE.bytes);
      const first = slot * LOOPS.bytes + LOOPS.loops;
      const alternate = first + STATE.bytes;
      const hasBoth = loops.readBigUInt64LE(alternate + STATE.sent) > 0n;
      const both = hasBoth ? ([countersAt(loops, first), countersAt(loops, alternate)] as const) : undefined;
      // Field by field: this is done for every list in every round, and a spread costs as much as all the rest.
      observed.set(key, { sent, returned, returnedCount, roundTripNs, loops: both });
    }
    return observed;
  }

  /** TCP flows that left each list because nothing was acknowledged; one system call. */
  flowMoves(): Map<KernelKey, bigint> {
    const moves = this.maps.moves.readArray(this.slots.span());
    return new Map([...this.slots.entries()].map(([key, slot]) => [key, moves.readBigUInt64LE(slot * 8)]));
  }

  /** What TCP saw of each list; one system call. */
  observeTcp(): Map<KernelKey, TcpCounters> {
    const tcp = this.maps.tcp.read(this.slots.span());
    return new Map([...this.slots.entries()].map(([key, slot]) => [key, tcp(slot)]));
  }

  demands(): Map<KernelKey, ListDemand> {
    const bytes = this.maps.lists.readArray(this.slots.span());
    return new Map(
      [...this.slots.entries()].map(([key, slot]): [KernelKey, ListDemand] => {
        return [key, decodeDemand(bytes.subarray(slot * LIST.bytes, (slot + 1) * LIST.bytes))];
      }),
    );
  }

  demand(key: KernelKey, demand: ListDemand): void {
    const slot = this.slots.get(key);
    if (slot === undefined) return;
    const bytes = this.maps.lists.at(slot);
    encodeDemand(bytes, demand);
    this.maps.lists.setAt(slot, bytes);
  }

  private create(key: KernelKey, list: KernelList): void {
    allOrNothing((undo) => {
      const slot = this.slots.reserve();
      if (slot === undefined) throw mapFull();
      undo.push(() => this.slots.giveBack(slot));
      const nextHop = this.nextHops.acquire(list.nextHop);
      undo.push(() => this.nextHops.release(nextHop));
      this.maps.states.setAt(slot, Buffer.alloc(STATE.bytes));
      this.maps.loops.setAt(slot, Buffer.alloc(LOOPS.bytes));
      this.maps.moves.setAt(slot, Buffer.alloc(8));
      this.maps.counters.reset(slot);
      this.maps.tcp.reset(slot);
      this.maps.lists.setAt(slot, encodeList(key, list, nextHop));
      this.slots.place(key, slot);
      this.nonces.set(slot, list.nonce);
    });
  }

  /** False when its content is another. An entry overwritten by hand is put back where it was: its counters go on. */
  private change(key: KernelKey, slot: number, list: KernelList): boolean {
    const now = this.maps.lists.at(slot);
    const intact = decodeList(now)?.key === key;
    if (intact && !sameListContent(now, encodeList(key, list, 0))) return false;
    const nextHop = this.nextHops.acquire(list.nextHop);
    allOrNothing((undo) => {
      undo.push(() => {
        this.nextHops.release(nextHop);
      });
      const next = encodeList(key, list, nextHop);
      encodeDemand(next, decodeDemand(now));
      this.maps.lists.setAt(slot, next);
    });
    if (intact) this.nextHops.release(now.readUInt32LE(LIST.next_hop));
    this.nonces.set(slot, list.nonce);
    return true;
  }

  private *stored(length: number): Generator<readonly [slot: number, StoredList]> {
    const listAt = this.decoded.read(this.maps.lists.readArray(length));
    for (let slot = 0; slot < length; slot++) {
      const list = listAt(slot);
      if (list !== undefined) yield [slot, list];
    }
  }
}

function countersAt(states: Buffer, at: number): LoopCounters {
  return {
    sent: states.readBigUInt64LE(at + STATE.sent),
    returned: states.readBigUInt64LE(at + STATE.returned),
    returnedCount: states.readBigUInt64LE(at + STATE.returned_count),
    roundTripNs: states.readBigUInt64LE(at + STATE.round_trip_ns),
  };
}

function refuseMisfit(key: KernelKey, { header, mtu }: KernelList): void {
  if (key === 0n) throw new SextantError("invalid_argument", "a list's key is not zero");
  if (header.length < 1 || header.length > HEADER_BYTES_MAX) {
    const message = `a header has 1 to ${HEADER_BYTES_MAX} bytes here, got ${header.length}: use fewer segments`;
    throw new SextantError("invalid_argument", message);
  }
  if (mtu < 1) throw new SextantError("invalid_argument", `a list's MTU is 1 or more, got ${mtu}`);
}

function mapFull(): SextantError {
  return new SextantError("map_full", `the host holds ${KERNEL_LIMITS.maxLists} segment lists already: remove intents`);
}
