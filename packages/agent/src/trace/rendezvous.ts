/**
 * Score of a list for a flow: of the usable lists of a group the highest wins (bpf/lib/spread.h, weighted rendezvous hashing).
 * `slot` is the list's index in the kernel.
 */
export function rendezvousScore(flowHash: number, slot: number, weight: number): bigint {
  return (BigInt(weight) << 46n) / negativeLog2(flowListHash(flowHash, slot + 1)) + 1n;
}

/** The finalizer of MurmurHash3 over flow and list. */
function flowListHash(flowHash: number, list: number): number {
  let hash = flowHash ^ Math.imul(list, 0x9e3779b1);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** -log2(number / 2^32) in units of 2^-32, above zero; whole numbers exact, the rest by the packet path's polynomial. */
function negativeLog2(number: number): bigint {
  const whole = Math.clz32(number | 1);
  const part = BigInt(-((number | 1) << whole) >>> 0);
  const scaled = part * (94523n + ((part * (48888n + ((part * (16450n + ((part * 63568n) >> 32n))) >> 32n))) >> 32n));
  return (BigInt(whole) << 32n) + (scaled >> 16n) + 1n;
}
