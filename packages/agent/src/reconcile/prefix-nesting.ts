import { type IpPrefix, ipv6ToBytes, mappedPrefix, prefixParts } from "@sextant/model";

/** A prefix and how it lies among the others. */
export interface NestedPrefix {
  readonly prefix: IpPrefix;
  /** The longest other prefix around it. */
  readonly parent: NestedPrefix | undefined;
  /** Prefixes around it, itself included. */
  readonly depth: number;
}

interface Interval {
  readonly prefix: IpPrefix;
  readonly first: bigint;
  readonly last: bigint;
}

/** How the prefixes lie in one another, each after its parent. IPv4 lies in IPv6 as in the kernel's map: ::ffff:0:0/96. */
export function nestPrefixes(prefixes: Iterable<IpPrefix>): NestedPrefix[] {
  const intervals = [...prefixes].map(intervalOf).sort(outerFirst);
  const open: { readonly nested: NestedPrefix; readonly last: bigint }[] = [];
  return intervals.map(({ prefix, first, last }) => {
    while ((open.at(-1)?.last ?? first) < first) open.pop();
    const parent = open.at(-1)?.nested;
    const nested = { prefix, parent, depth: (parent?.depth ?? 0) + 1 };
    open.push({ nested, last });
    return nested;
  });
}

function intervalOf(prefix: IpPrefix): Interval {
  const { address, length } = prefixParts(mappedPrefix(prefix));
  const bytes = ipv6ToBytes(address);
  const first = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  return { prefix, first, last: first + (1n << BigInt(128 - length)) - 1n };
}

function outerFirst(a: Interval, b: Interval): number {
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.last > b.last ? -1 : Number(a.last < b.last);
}
