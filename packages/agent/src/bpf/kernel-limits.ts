/** Bounds of the maps; bpf/shared/limits.h has the same numbers. */
export const KERNEL_LIMITS = {
  maxLists: 4096,
  maxPolicies: 4096,
  maxDestinations: 16384,
  maxSources: 4096,
  maxRowsPerDestination: 64,
  maxCandidates: 8,
  maxSegments: 15,
} as const;

/** Version of all layouts in kernel-layout.ts: pinned maps of another one are not touched. */
export const LAYOUT_VERSION = 1;
