import type { LinkHealthView } from "../liveness/link-health-view";

/** What is read of links that are not simply up, in the order of their names: JSON values throughout. */
export function linkHealthStatus(links: ReadonlyMap<string, LinkHealthView>): object[] {
  return [...links]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { state, suspicion, from, sinceMs, trustedAtMs, message }]) => ({
      name,
      state,
      suspicion,
      from,
      since: new Date(sinceMs).toISOString(),
      ...(trustedAtMs === undefined ? {} : { trustedAt: new Date(trustedAtMs).toISOString() }),
      message,
    }));
}
