import { Histogram, type Registry } from "prom-client";
import type { Family } from "./family";

/** The histogram of a family, kept in `registry`. */
export function promHistogram(registry: Registry, { name, help, labels, buckets }: Family): Histogram {
  return new Histogram({
    name,
    help,
    labelNames: [...labels],
    buckets: [...(buckets ?? [])],
    registers: [registry],
  });
}
