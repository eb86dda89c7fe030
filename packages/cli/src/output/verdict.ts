import type { Condition } from "@sextant/model";
import type { IntentStatus, PolicyStatus } from "../status";
import type { Cell } from "./table";

/** The one thing to know about an intent: what is wrong with it, the worst first, or that nothing is. */
export function intentVerdict({ conditions, policies }: IntentStatus): Cell {
  const isProtection = ({ type }: Condition) => type === "Protected";
  const failed = conditions.find((condition) => condition.status === "False" && !isProtection(condition));
  if (failed !== undefined) return { text: `${failed.type}: ${failed.reason}`, tone: "bad" };
  const unknown = conditions.find((condition) => condition.status === "Unknown");
  if (unknown !== undefined) return { text: `${unknown.type}: ${unknown.reason}`, tone: "doubtful" };
  if (policies.some(isOnBackup)) return { text: "OnBackup", tone: "doubtful" };
  const bare = conditions.find((condition) => condition.status === "False");
  if (bare !== undefined) return { text: `${bare.type}: ${bare.reason}`, tone: "doubtful" };
  return conditions.length === 0 ? { text: "NotComputed", tone: "doubtful" } : { text: "Ready", tone: "good" };
}

/** True when packets take another candidate than the most preferred one. */
function isOnBackup({ activeCandidate }: PolicyStatus): boolean {
  return activeCandidate !== undefined && activeCandidate > 0;
}

/** The candidate that packets take, as far as known; the primary otherwise. */
export function shownCandidate(policy: PolicyStatus): PolicyStatus["candidates"][number] | undefined {
  return policy.candidates[Math.max(0, policy.activeCandidate ?? 0)];
}
