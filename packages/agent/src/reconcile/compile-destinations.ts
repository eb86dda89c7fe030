import {
  type DesiredPolicy,
  type Ipv6Prefix,
  ipv6FromBytes,
  ipv6ToBytes,
  kernelKeyOf,
  type PolicyKey,
  prefixParts,
} from "@sextant/model";
import type { KernelMatch } from "./data-plane";
import { compareRows, type RankedRow } from "./precedence";

/** Kernel identity of a cgroup: its inode number and its depth below the hierarchy's root. */
export interface CgroupId {
  readonly id: bigint;
  readonly level: number;
}

/** A policy whose match is resolved; one without a resolved cgroup has no rows (no process can match it). */
export interface MatchingPolicy {
  readonly policy: DesiredPolicy;
  readonly cgroup: CgroupId | undefined;
}

export interface CompiledDestinations {
  readonly destinations: Map<Ipv6Prefix, readonly KernelMatch[]>;
  /** Policies whose rows did not fit; `destinations` holds none of their rows once they are left out. */
  readonly overflowing: ReadonlySet<PolicyKey>;
}

/**
 * Turns matches into rows per destination prefix. The packet path looks up the longest prefix only, so each prefix also
 * carries the rows of every prefix that covers it. Where a prefix would get more than `maxRows` rows, the policies of
 * lowest precedence are named in `overflowing`; a policy counts as a whole, so it is never half there.
 */
export function compileDestinations(policies: readonly MatchingPolicy[], maxRows: number): CompiledDestinations {
  const own = rowsByPrefix(policies);
  const lengths = [...new Set([...own.keys()].map((prefix) => prefixParts(prefix).length))].sort((a, b) => a - b);
  const cgroups = new Map(policies.map(({ policy, cgroup }) => [policy.key, cgroup]));
  const overflowing = new Set<PolicyKey>();
  const destinations = new Map<Ipv6Prefix, readonly KernelMatch[]>();
  for (const prefix of [...own.keys()].sort()) {
    const rows = coveringPrefixes(prefix, lengths).flatMap((covering) => own.get(covering) ?? []);
    const fitting = admit(unique(rows.sort(compareRows)), maxRows, overflowing);
    const matches = fitting.map((row) => kernelMatch(row, cgroups.get(row.policy.key)));
    if (matches.length > 0) destinations.set(prefix, matches);
  }
  return { destinations, overflowing };
}

function rowsByPrefix(policies: readonly MatchingPolicy[]): Map<Ipv6Prefix, RankedRow[]> {
  const rows = new Map<Ipv6Prefix, RankedRow[]>();
  for (const { policy } of policies) {
    const ranges = policy.match.ports.length === 0 ? [undefined] : policy.match.ports;
    for (const prefix of new Set(policy.match.destinations)) {
      const prefixLength = prefixParts(prefix).length;
      const list = rows.get(prefix) ?? [];
      list.push(...ranges.map((ports) => ({ policy, ports, prefixLength })));
      rows.set(prefix, list);
    }
  }
  return rows;
}

/** The prefix itself and every shorter one of the given lengths that covers it. */
function coveringPrefixes(prefix: Ipv6Prefix, lengths: readonly number[]): Ipv6Prefix[] {
  const { address, length } = prefixParts(prefix);
  const bytes = ipv6ToBytes(address);
  return lengths.filter((shorter) => shorter <= length).map((shorter) => maskedPrefix(bytes, shorter));
}

function maskedPrefix(bytes: Uint8Array, length: number): Ipv6Prefix {
  const masked = bytes.map((byte, index) => byte & (0xff << (8 - Math.min(8, Math.max(0, length - index * 8)))));
  return `${ipv6FromBytes(masked)}/${length}` as Ipv6Prefix;
}

/** Admits whole policies in order of precedence while their rows fit. Rows arrive sorted; so are those returned. */
function admit(rows: readonly RankedRow[], maxRows: number, overflowing: Set<PolicyKey>): RankedRow[] {
  const counts = new Map<PolicyKey, number>();
  for (const { policy } of rows) counts.set(policy.key, (counts.get(policy.key) ?? 0) + 1);
  let used = 0;
  for (const [key, count] of counts) {
    if (used + count > maxRows) overflowing.add(key);
    else used += count;
  }
  return rows.filter(({ policy }) => !overflowing.has(policy.key));
}

function kernelMatch({ policy, ports }: RankedRow, cgroup: CgroupId | undefined): KernelMatch {
  return { policy: kernelKeyOf(policy.key), cgroup, protocol: policy.match.protocol ?? 0, ports };
}

/** A policy that names both a prefix and one that covers it would have the same row twice: the better one stays. */
function unique(rows: readonly RankedRow[]): RankedRow[] {
  const seen = new Set<string>();
  return rows.filter(({ policy, ports }) => {
    const identity = `${policy.key} ${ports?.first ?? ""}-${ports?.last ?? ""}`;
    return seen.size < seen.add(identity).size;
  });
}
