import {
  addressPrefix,
  type IpPrefix,
  type Ipv6Address,
  ipv6ToBytes,
  isIpv4,
  mappedPrefix,
  prefixParts,
  type TopologyNode,
} from "@sextant/model";

const ADDRESS_BITS = 128;

/** Shortest length of a mapped IPv4 prefix; families are kept apart by it, `::/0` does not cover IPv4. */
const MAPPED_LENGTH = 96;

/** Finds the node behind a prefix, in either family: the one whose own prefix or address covers it with the greatest length. */
export class PrefixTable {
  /** Per prefix length, network bits -> node name. */
  readonly #byLength = new Map<number, Map<bigint, string>>();
  /** Longest first. */
  readonly #lengths: readonly number[];

  constructor(nodes: readonly TopologyNode[]) {
    for (const node of nodes) {
      for (const prefix of [...node.addresses.map(addressPrefix), ...node.prefixes]) this.#add(prefix, node.name);
    }
    this.#lengths = [...this.#byLength.keys()].sort((a, b) => b - a);
  }

  /** Name of the node that plain routing delivers the whole of `prefix` to; undefined when no node covers it. */
  ownerOf(prefix: IpPrefix): string | undefined {
    const { address, length } = prefixParts(mappedPrefix(prefix));
    const bits = toBits(address);
    for (const candidate of this.#lengths) {
      if (candidate > length || (isIpv4(prefix) && candidate < MAPPED_LENGTH)) continue;
      const owner = this.#byLength.get(candidate)?.get(networkBits(bits, candidate));
      if (owner !== undefined) return owner;
    }
    return undefined;
  }

  #add(prefix: IpPrefix, name: string): void {
    const { address, length } = prefixParts(mappedPrefix(prefix));
    const table = this.#byLength.get(length) ?? new Map<bigint, string>();
    table.set(networkBits(toBits(address), length), name);
    this.#byLength.set(length, table);
  }
}

function toBits(address: Ipv6Address): bigint {
  return ipv6ToBytes(address).reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

function networkBits(bits: bigint, length: number): bigint {
  return bits >> BigInt(ADDRESS_BITS - length);
}
