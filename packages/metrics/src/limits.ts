/** Series of one family that one answer holds. A path's state is three series: this many tell the states of 16,666 paths. */
export const MAX_SERIES_PER_FAMILY = 50_000;
/** Longest that writing an answer keeps everything else waiting, in milliseconds. */
export const SLICE_MS = 2;
/** Answers that are written at a time; further scrapes are told to come back. */
export const MAX_SCRAPES = 4;
/** Open connections; further ones are closed. */
export const MAX_CONNECTIONS = 32;
/** A request that takes longer to arrive, or a reader that takes nothing for this long, is cut off. */
export const PATIENCE_MS = 10_000;
/** Different label values that a tally counts one by one. */
export const MAX_TALLIED = 256;
