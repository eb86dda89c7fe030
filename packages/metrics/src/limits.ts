/** Series of one family that one answer holds; with path states as three series each, these are 16,666 paths. */
export const MAX_SERIES_PER_FAMILY = 50_000;
