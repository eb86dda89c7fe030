/** Bounds of the maps; bpf/abi/limits.h has the same numbers. */
export const KERNEL_LIMITS = {
  maxLists: 16384,
  maxNextHops: 256,
  /** Candidates with more than one list. */
  maxGroups: 4096,
  /** Twice the groups: a candidate's new one stands complete before its old one goes. */
  groupRows: 8192,
  maxListsPerCandidate: 32,
  maxPolicies: 65536,
  maxCandidates: 16,
  /** Candidates of all policies together. */
  maxLegs: 131072,
  maxDestinations: 65536,
  maxRules: 65536,
  /** Twice the rules: a destination's new ones stand complete before its old ones go. */
  ruleRows: 131072,
  maxNesting: 16,
  maxSources: 4096,
  maxSenders: 65536,
  maxSegments: 15,
} as const;

/** Version of all layouts in struct-layouts.ts: pinned maps of another one are not touched. */
export const LAYOUT_VERSION = 2;
