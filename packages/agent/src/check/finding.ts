/** One thing that was looked at. */
export interface CheckFinding {
  /** Stable name, for example "kernel.redirect_neigh" or "uplink.eth0.mtu". */
  readonly check: string;
  /** `warn`: works now, or works without something; `fail`: packets do not go as intents say. */
  readonly result: "ok" | "warn" | "fail";
  /** What was found. */
  readonly detail: string;
  /** What to do about it; null where nothing is to be done. */
  readonly next: string | null;
}

/** All is well. */
export function ok(check: string, detail: string): CheckFinding {
  return { check, result: "ok", detail, next: null };
}

/** Something is missing that not everything needs. */
export function warn(check: string, detail: string, next: string): CheckFinding {
  return { check, result: "warn", detail, next };
}

/** Something is wrong. */
export function fail(check: string, detail: string, next: string): CheckFinding {
  return { check, result: "fail", detail, next };
}
