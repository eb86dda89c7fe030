import type { HostSettings } from "@sextant/model";
import type { Host } from "./host";
import { type HostObservation, UNSEEN } from "./observed-conditions";

/** A report may be this many report intervals old. */
const STALE_INTERVALS = 3;

/** What can be said of a host at this moment. */
export function observeHost(
  host: Host | undefined,
  { reportIntervalMs }: Pick<HostSettings, "reportIntervalMs">,
  nowMs: number,
): HostObservation {
  if (host === undefined) return UNSEEN;
  const { held, health } = host;
  return {
    held,
    health,
    stale: health === undefined || nowMs - health.reportedAtMs > STALE_INTERVALS * reportIntervalMs,
  };
}
