import { type IpPrefix, SextantError } from "@sextant/model";
import type { KernelDestination, KernelKey, KernelRule } from "../reconcile/data-plane";
import { encodePrefix } from "./address-codec";
import type { BpfMap } from "./bpf-map";
import type { HostConfigEntry } from "./host-config-entry";
import { DecodeCache, Derived } from "./decode-cache";
import { IndexPool, type MonotonicClock } from "./index-pool";
import { KERNEL_LIMITS } from "./kernel-limits";
import { PolicyRows } from "./policy-rows";
import { PrefixNames } from "./prefix-names";
import {
  decodeDestination,
  decodeRule,
  encodeDestination,
  encodeRule,
  type StoredRule,
  withPolicy,
} from "./rule-codec";
import type { SlotPool } from "./slot-pool";
import { STRUCT_LAYOUTS } from "./struct-layouts";
import { allOrNothing } from "./undo";

const PREFIX_LENGTH = STRUCT_LAYOUTS.sxt_prefix.length;

/** What a rule table writes to. */
export interface RuleMaps {
  readonly destinations: BpfMap;
  readonly rules: BpfMap;
}

/**
 * Destination prefixes with their rules: rows of one array, linked in falling rank. New rows stand complete before the prefix
 * points at them; old ones rest before they are used again. Rows that nothing reaches are free, whatever they hold.
 */
export class RuleTable {
  private readonly pool: IndexPool;
  private readonly rows = new Map<IpPrefix, readonly number[]>();
  private readonly users = new PolicyRows();
  private readonly prefixes = new PrefixNames();
  private readonly decoded = new DecodeCache(STRUCT_LAYOUTS.sxt_rule.bytes, decodeRule);
  private readonly rules = new Derived(({ rule }: StoredRule, policy: KernelKey): KernelRule => ({ ...rule, policy }));
  private ruleCount = 0;

  constructor(
    private readonly maps: RuleMaps,
    private readonly policies: SlotPool<KernelKey>,
    private readonly config: HostConfigEntry,
    nowMs: MonotonicClock,
  ) {
    this.pool = new IndexPool(KERNEL_LIMITS.ruleRows, nowMs);
    const entries = maps.destinations.entries();
    const ruleAt = this.decoded.read(maps.rules.readArray(entries.length === 0 ? 0 : KERNEL_LIMITS.ruleRows));
    for (const [key, value] of entries) {
      const chained = chain(ruleAt, decodeDestination(value).firstRow);
      for (const row of chained.keys()) this.pool.adopt(row);
      const slots = [...chained.values()].map(({ policySlot }) => policySlot);
      this.remember(this.prefixes.of(key), [...chained.keys()], slots);
    }
  }

  all(): Map<IpPrefix, KernelDestination> {
    const ruleAt = this.decoded.read(this.maps.rules.readArray(this.pool.span()));
    const entries = this.maps.destinations.entries().map(([key, value]) => {
      const { firstRow, packetBytesMax } = decodeDestination(value);
      const chained = [...chain(ruleAt, firstRow).values()];
      const rules = chained.map((stored) => this.rules.of(stored, this.policies.keyAt(stored.policySlot) ?? 0n));
      return [this.prefixes.of(key), { rules, packetBytesMax }] as const;
    });
    return new Map(entries);
  }

  put(prefix: IpPrefix, { rules, packetBytesMax }: KernelDestination): void {
    const old = this.rows.get(prefix) ?? [];
    if (this.ruleCount - old.length + rules.length > KERNEL_LIMITS.maxRules) throw mapFull();
    refuseDisorder(prefix, rules);
    const slots = rules.map(({ policy }) => this.slotOf(prefix, policy));
    const key = encodePrefix(prefix);
    const rows = allOrNothing((undo) => {
      const taken = rules.map(() => {
        const row = this.pool.take();
        if (row === undefined) throw mapFull();
        undo.push(() => this.pool.giveBack(row));
        return row;
      });
      const link = (rule: KernelRule, i: number) =>
        [taken[i] ?? 0, encodeRule({ rule, policySlot: slots[i] ?? 0, next: taken[i + 1] })] as const;
      this.maps.rules.setMany(rules.map(link));
      const length = key.readUInt32LE(PREFIX_LENGTH);
      this.maps.destinations.update(key, encodeDestination({ firstRow: taken[0], length, packetBytesMax }));
      return taken;
    });
    this.config.advanceEpoch();
    this.forget(prefix);
    this.remember(prefix, rows, slots);
  }

  delete(prefix: IpPrefix): void {
    this.maps.destinations.delete(encodePrefix(prefix));
    this.config.advanceEpoch();
    this.forget(prefix);
  }

  /** Every rule of a policy follows it to another index, row by row in one word each. */
  repoint(from: number, to: number): void {
    const rows = [...this.users.of(from)];
    if (rows.length === 0) return;
    this.maps.rules.setMany(rows.map((row) => [row, withPolicy(this.maps.rules.at(row), to)] as const));
    this.users.move(from, to);
    this.config.advanceEpoch();
  }

  private slotOf(prefix: IpPrefix, policy: KernelKey): number {
    const slot = this.policies.get(policy);
    if (slot !== undefined) return slot;
    throw new SextantError("internal", `${prefix} names policy ${policy.toString(16)}, which is not there`);
  }

  private remember(prefix: IpPrefix, rows: readonly number[], slots: readonly number[]): void {
    this.rows.set(prefix, rows);
    this.ruleCount += rows.length;
    rows.forEach((row, i) => {
      this.users.add(slots[i] ?? 0, row);
    });
  }

  private forget(prefix: IpPrefix): void {
    const rows = this.rows.get(prefix) ?? [];
    this.rows.delete(prefix);
    this.ruleCount -= rows.length;
    for (const row of rows) {
      this.users.remove(row);
      this.pool.release(row);
    }
  }
}

/** Rows of a list in their order; one that bites its own tail ends there. */
function chain(ruleAt: (row: number) => StoredRule | undefined, first: number | undefined): Map<number, StoredRule> {
  const rows = new Map<number, StoredRule>();
  for (let row = first; row !== undefined && !rows.has(row); ) {
    const rule = ruleAt(row);
    if (rule === undefined) break;
    rows.set(row, rule);
    row = rule.next;
  }
  return rows;
}

/** The packet path stops at the first rule that matches. */
function refuseDisorder(prefix: IpPrefix, rules: readonly KernelRule[]): void {
  const risen = rules.findIndex((rule, i) => rule.rank > (rules[i - 1]?.rank ?? rule.rank));
  if (risen !== -1) throw new SextantError("internal", `${prefix}: rule ${risen} ranks above the one before it`);
}

function mapFull(): SextantError {
  return new SextantError(
    "map_full",
    `the host holds ${KERNEL_LIMITS.maxRules} rules at most: remove intents, or merge their prefixes and port ranges`,
  );
}
