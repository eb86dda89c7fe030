import type { KernelKey, KernelPolicy, KernelSpread } from "../reconcile/data-plane";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const POLICY = STRUCT_LAYOUTS.sxt_policy;
const CANDIDATE = STRUCT_LAYOUTS.sxt_candidate;
const GROUP = STRUCT_LAYOUTS.sxt_group;
const GROUP_LIST = STRUCT_LAYOUTS.sxt_group_list;
const MAX_CANDIDATES = (POLICY.bytes - POLICY.candidates) / CANDIDATE.bytes;
const MAX_GROUP_LISTS = (GROUP.bytes - GROUP.lists) / GROUP_LIST.bytes;
const TARGET_GROUP = 0x8000_0000;
/** In the order of enum sxt_on_no_path and enum sxt_spread. */
const ON_NO_PATH = ["route", "drop"] as const;
const SPREADS = ["flow", "flowlet", "packet"] as const;

/** What a candidate leads to, by index. */
export type Target =
  | { readonly kind: "none" }
  | { readonly kind: "list"; readonly slot: number }
  | { readonly kind: "group"; readonly slot: number };

/** A policy as it stands in the map. */
export interface StoredPolicy extends Pick<KernelPolicy, "onNoPath" | "spread"> {
  readonly key: KernelKey;
  readonly candidates: readonly { readonly target: Target; readonly leg: number }[];
}

/** struct sxt_policy. */
export function encodePolicy(policy: StoredPolicy): Buffer {
  const bytes = Buffer.alloc(POLICY.bytes);
  bytes.writeBigUInt64LE(policy.key, POLICY.key);
  bytes.writeUInt8(ON_NO_PATH.indexOf(policy.onNoPath), POLICY.on_no_path);
  bytes.writeUInt8(SPREADS.indexOf(policy.spread.kind), POLICY.spread);
  bytes.writeUInt8(policy.candidates.length, POLICY.candidate_count);
  bytes.writeUInt32LE(policy.spread.kind === "flowlet" ? policy.spread.gapUs : 0, POLICY.flowlet_gap_us);
  for (const [i, { target, leg }] of policy.candidates.entries()) {
    const at = POLICY.candidates + CANDIDATE.bytes * i;
    bytes.writeUInt32LE(encodeTarget(target), at + CANDIDATE.target);
    bytes.writeUInt32LE(leg, at + CANDIDATE.leg);
  }
  return bytes;
}

/** Undefined for a slot that is free. */
export function decodePolicy(bytes: Buffer): StoredPolicy | undefined {
  const key = bytes.readBigUInt64LE(POLICY.key);
  if (key === 0n) return undefined;
  const count = Math.min(MAX_CANDIDATES, bytes.readUInt8(POLICY.candidate_count));
  const candidates = Array.from({ length: count }, (_, i) => {
    const at = POLICY.candidates + CANDIDATE.bytes * i;
    const target = decodeTarget(bytes.readUInt32LE(at + CANDIDATE.target));
    return { target, leg: bytes.readUInt32LE(at + CANDIDATE.leg) };
  });
  const onNoPath = ON_NO_PATH[bytes.readUInt8(POLICY.on_no_path)] ?? "route";
  return { key, onNoPath, spread: decodeSpread(bytes), candidates };
}

/** Whether `next` can take the place of `now` as it is: one target at most differs, and a target is one word. */
export function changesInPlace(now: Buffer, next: Buffer): boolean {
  if (now.compare(next, 0, POLICY.candidates, 0, POLICY.candidates) !== 0) return false;
  let changed = 0;
  for (let at: number = POLICY.candidates; at < POLICY.bytes; at += CANDIDATE.bytes) {
    const leg = at + CANDIDATE.leg;
    if (now.readUInt32LE(leg) !== next.readUInt32LE(leg)) return false;
    if (now.readUInt32LE(at + CANDIDATE.target) !== next.readUInt32LE(at + CANDIDATE.target)) changed++;
  }
  return changed <= 1;
}

/** One list of a group, by index. */
export interface StoredGroupList {
  readonly slot: number;
  readonly weight: number;
}

/** struct sxt_group. Thresholds are the sums of weights so far, in 2^32-ths of all. */
export function encodeGroup(lists: readonly StoredGroupList[]): Buffer {
  const bytes = Buffer.alloc(GROUP.bytes);
  const total = lists.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  bytes.writeUInt32LE(lists.length, GROUP.count);
  for (const [i, { slot, weight }] of lists.entries()) {
    const at = GROUP.lists + GROUP_LIST.bytes * i;
    sum += weight;
    bytes.writeUInt32LE(slot + 1, at + GROUP_LIST.list);
    bytes.writeUInt32LE(weight, at + GROUP_LIST.weight);
    bytes.writeUInt32LE(Math.floor((sum * 0xffff_ffff) / total), at + GROUP_LIST.threshold);
  }
  return bytes;
}

export function decodeGroup(bytes: Buffer): StoredGroupList[] {
  const count = Math.min(MAX_GROUP_LISTS, bytes.readUInt32LE(GROUP.count));
  return Array.from({ length: count }, (_, i) => {
    const at = GROUP.lists + GROUP_LIST.bytes * i;
    return { slot: bytes.readUInt32LE(at + GROUP_LIST.list) - 1, weight: bytes.readUInt32LE(at + GROUP_LIST.weight) };
  });
}

function encodeTarget(target: Target): number {
  switch (target.kind) {
    case "none":
      return 0;
    case "list":
      return target.slot + 1;
    case "group":
      return TARGET_GROUP + target.slot + 1;
  }
}

function decodeTarget(word: number): Target {
  if (word === 0) return { kind: "none" };
  return word < TARGET_GROUP ? { kind: "list", slot: word - 1 } : { kind: "group", slot: word - TARGET_GROUP - 1 };
}

function decodeSpread(bytes: Buffer): KernelSpread {
  const kind = SPREADS[bytes.readUInt8(POLICY.spread)] ?? "flow";
  return kind === "flowlet" ? { kind, gapUs: bytes.readUInt32LE(POLICY.flowlet_gap_us) } : { kind };
}
