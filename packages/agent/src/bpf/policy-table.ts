import { SextantError } from "@sextant/model";
import type { KernelCandidate, KernelKey, KernelPolicy, Traffic } from "../reconcile/data-plane";
import type { BpfMap } from "./bpf-map";
import { DecodeCache } from "./decode-cache";
import type { GroupTable } from "./group-table";
import type { HostConfigEntry } from "./host-config-entry";
import { KERNEL_LIMITS } from "./kernel-limits";
import type { LegTable } from "./leg-table";
import type { ListTable } from "./list-table";
import {
  changesInPlace,
  decodePolicy,
  encodePolicy,
  type StoredGroupList,
  type StoredPolicy,
  type Target,
} from "./policy-codec";
import type { RuleTable } from "./rule-table";
import type { SlotPool } from "./slot-pool";
import { STRUCT_LAYOUTS } from "./struct-layouts";
import { allOrNothing, type Undo } from "./undo";

const POLICY = STRUCT_LAYOUTS.sxt_policy;

/** What a policy table stands on. */
export interface PolicyParts {
  readonly map: BpfMap;
  readonly slots: SlotPool<KernelKey>;
  readonly lists: ListTable;
  readonly groups: GroupTable;
  readonly legs: LegTable;
  readonly rules: RuleTable;
  readonly config: HostConfigEntry;
}

/**
 * Policies by index. One that changes in a single target is changed where it is; any other change is written complete to
 * another index, to which the rules then move: no packet sees half of it. `slots` hold what `adoptPolicies` found.
 */
export class PolicyTable {
  private readonly decoded = new DecodeCache(POLICY.bytes, decodePolicy);

  constructor(private readonly parts: PolicyParts) {}

  all(): Map<KernelKey, KernelPolicy> {
    const { map, slots, lists, groups } = this.parts;
    const groupAt = groups.read();
    const listOf = ({ slot, weight }: StoredGroupList) => ({ list: lists.keyAt(slot) ?? 0n, weight });
    const policies = new Map<KernelKey, KernelPolicy>();
    for (const [slot, { key, onNoPath, spread, candidates }] of storedPolicies(map, slots.span(), this.decoded)) {
      if (slots.get(key) !== slot) continue;
      const targets = candidates.map(({ target }) => membersOf(target, groupAt).map(listOf));
      policies.set(key, { onNoPath, spread, candidates: targets.map((members) => ({ lists: members })) });
    }
    return policies;
  }

  put(key: KernelKey, policy: KernelPolicy): void {
    refuseMisfit(key, policy);
    const { map, slots, legs } = this.parts;
    const known = slots.get(key);
    const now = known === undefined ? undefined : map.at(known);
    const old = now === undefined ? undefined : decodePolicy(now);
    const stored = allOrNothing((undo) => {
      const held = legs.resize(key, policy.candidates.length, undo);
      const candidates = policy.candidates.map((candidate, i) => ({
        target: this.target(candidate, old?.candidates[i]?.target, undo),
        leg: held[i] ?? 0,
      }));
      const next: StoredPolicy = { ...policy, key, candidates };
      const bytes = encodePolicy(next);
      if (known !== undefined && now !== undefined && changesInPlace(now, bytes)) map.setAt(known, bytes);
      else this.move(key, known, bytes, undo);
      return next;
    });
    legs.trim(key, policy.candidates.length);
    this.releaseGroups(old, stored);
  }

  delete(key: KernelKey): void {
    const { map, slots, legs, config } = this.parts;
    const slot = slots.get(key);
    if (slot === undefined) return;
    const old = decodePolicy(map.at(slot));
    this.retire(slot);
    config.advanceEpoch();
    legs.trim(key, 0);
    this.releaseGroups(old, undefined);
  }

  /** Policies that name the list at a slot take up where its key is now. */
  followList(from: number): void {
    const key = this.parts.lists.keyAt(from);
    for (const [policy, content] of this.all()) {
      if (content.candidates.some(({ lists }) => lists.some(({ list }) => list === key))) this.put(policy, content);
    }
  }

  /** Per candidate; one system call for all policies together. */
  traffic(): Map<KernelKey, readonly Traffic[]> {
    return this.parts.legs.traffic(this.parts.slots.entries().keys());
  }

  private move(key: KernelKey, from: number | undefined, bytes: Buffer, undo: Undo): void {
    const { map, slots, rules } = this.parts;
    const to = slots.reserve();
    if (to === undefined) throw mapFull();
    undo.push(() => {
      slots.giveBack(to);
    });
    map.setAt(to, bytes);
    if (from !== undefined) rules.repoint(from, to);
    slots.place(key, to);
    if (from !== undefined) this.retire(from);
  }

  /** Without its key a slot is free for a later process; the rest stays for packets on their way through the program. */
  private retire(slot: number): void {
    const { map, slots } = this.parts;
    const bytes = map.at(slot);
    bytes.writeBigUInt64LE(0n, POLICY.key);
    map.setAt(slot, bytes);
    slots.retire(slot);
  }

  private target({ lists }: KernelCandidate, now: Target | undefined, undo: Undo): Target {
    const members = lists.map(({ list, weight }) => ({ slot: this.slotOf(list), weight }));
    const [only] = members;
    if (only === undefined) return { kind: "none" };
    if (members.length === 1) return { kind: "list", slot: only.slot };
    const { groups } = this.parts;
    if (now?.kind === "group" && groups.holds(now.slot, members)) return now;
    const slot = groups.create(members, now?.kind === "group" ? now.slot : undefined);
    undo.push(() => {
      groups.giveBack(slot);
    });
    return { kind: "group", slot };
  }

  private slotOf(list: KernelKey): number {
    const slot = this.parts.lists.slotOf(list);
    if (slot !== undefined) return slot;
    throw new SextantError("internal", `a policy names list ${list.toString(16)}, which is not there`);
  }

  /** Flows remember their choices of a group by its index, which will be another group's. */
  private releaseGroups(old: StoredPolicy | undefined, kept: StoredPolicy | undefined): void {
    const used = new Set(kept === undefined ? [] : groupsOf(kept));
    const unused = old === undefined ? [] : groupsOf(old).filter((slot) => !used.has(slot));
    for (const slot of unused) this.parts.groups.release(slot);
    if (unused.length > 0) this.parts.config.advanceEpoch();
  }
}

/**
 * Records in slots, groups and legs which policies the map holds. A process that ended between writing a policy anew and moving
 * its rules left it twice: the first stays, rules of the other name nobody and are written again.
 */
export function adoptPolicies({
  map,
  slots,
  groups,
  legs,
}: Pick<PolicyParts, "map" | "slots" | "groups" | "legs">): void {
  const decoded = new DecodeCache(POLICY.bytes, decodePolicy);
  for (const [slot, { key, candidates }] of storedPolicies(map, KERNEL_LIMITS.maxPolicies, decoded)) {
    if (!slots.adopt(key, slot)) continue;
    legs.adopt(
      key,
      candidates.map(({ leg }) => leg),
    );
    for (const { target } of candidates) if (target.kind === "group") groups.adopt(target.slot);
  }
}

function* storedPolicies(
  map: BpfMap,
  length: number,
  decoded: DecodeCache<StoredPolicy>,
): Generator<readonly [slot: number, StoredPolicy]> {
  const policyAt = decoded.read(map.readArray(length));
  for (let slot = 0; slot < length; slot++) {
    const policy = policyAt(slot);
    if (policy !== undefined) yield [slot, policy];
  }
}

function groupsOf({ candidates }: StoredPolicy): number[] {
  return candidates.flatMap(({ target }) => (target.kind === "group" ? [target.slot] : []));
}

function membersOf(target: Target, groupAt: (slot: number) => StoredGroupList[]): StoredGroupList[] {
  if (target.kind === "none") return [];
  return target.kind === "list" ? [{ slot: target.slot, weight: 1 }] : groupAt(target.slot);
}

function refuseMisfit(key: KernelKey, { candidates }: KernelPolicy): void {
  const { maxCandidates, maxListsPerCandidate } = KERNEL_LIMITS;
  if (key === 0n) throw new SextantError("invalid_argument", "a policy's key is not zero");
  if (candidates.length > maxCandidates) {
    const message = `a policy has ${maxCandidates} candidates at most, got ${candidates.length}`;
    throw new SextantError("invalid_argument", message);
  }
  for (const { lists } of candidates) {
    if (lists.length > maxListsPerCandidate) {
      const message = `a candidate has ${maxListsPerCandidate} lists at most, got ${lists.length}`;
      throw new SextantError("invalid_argument", message);
    }
    const wrong = lists.find(({ weight }) => !Number.isInteger(weight) || weight < 1 || weight > 0xffff);
    if (wrong !== undefined) throw new SextantError("invalid_argument", `weight ${wrong.weight} is not 1 to 65535`);
  }
}

function mapFull(): SextantError {
  return new SextantError("map_full", `the host holds ${KERNEL_LIMITS.maxPolicies} policies already: remove intents`);
}
