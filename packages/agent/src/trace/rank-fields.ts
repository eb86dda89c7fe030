/** The parts of a rank from the most to the least significant, with their bits; reconcile/precedence.ts puts them together. */
const RANK_FIELDS = [
  ["priority", 16],
  ["deeper cgroup", 6],
  ["executable", 1],
  ["user", 1],
  ["narrower destination ports", 17],
  ["narrower source ports", 5],
  ["protocol", 1],
  ["DSCP", 1],
  ["longer source prefix", 8],
  ["longer destination prefix", 8],
] as const;

/** What the order of two rules of equal rank goes by. */
export const EQUAL_RANK = "name of the intent";

/** Priority of the intent, as its rules' rank has it. */
export function priorityOf(rank: bigint): number {
  return Number(rank >> 48n);
}

/** By what the higher rank comes before the lower one. */
export function decidingField(higher: bigint, lower: bigint): string {
  let below = 64n;
  for (const [field, bits] of RANK_FIELDS) {
    below -= BigInt(bits);
    if (higher >> below !== lower >> below) return field;
  }
  return EQUAL_RANK;
}
