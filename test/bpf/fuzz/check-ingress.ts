import type { Result } from "./driver";
import { judgeIngress, type Verdict } from "./ingress-model";
import { faultOfError, faultOfMessage } from "./message";
import { differInSegmentSizeOnly } from "./segment-size";

const PARAMETER_PROBLEM = [4];
/** What may become of a packet for the host's own stack, on top of what the guard did. */
const PLAIN_REASONS = ["segments_lowered", "error_restored"];

/** The kernel does not resize super-packets of ICMP, which no device makes. */
const SUPER_PLAIN_REASONS = [...PLAIN_REASONS, "ingress_write_failed"];

/** What is wrong with how ingress took a frame; undefined: nothing. */
export function faultOfIngress(frame: Buffer, gso: boolean, result: Result): string | undefined {
  const verdict = judgeIngress(frame, gso);
  const { reason } = result;
  const isPlain =
    verdict.reasons[0] === "ingress_plain" && (gso ? SUPER_PLAIN_REASONS : PLAIN_REASONS).includes(reason);
  if (!verdict.reasons.includes(reason) && !isPlain) return `should be ${verdict.reasons.join(" or ")}`;
  if (result.verdict === "drop") return undefined;
  if (result.verdict === "redirect") return prefixed("answer", faultOfMessage(result.frame, frame, PARAMETER_PROBLEM));
  return faultOfPassed(verdict, reason, verdict.frame ?? frame, result.frame);
}

function faultOfPassed(verdict: Verdict, reason: string, expected: Buffer, actual: Buffer): string | undefined {
  const isChanged = !actual.equals(expected);
  const mayChange = verdict.frame !== undefined;
  if (reason === "segments_lowered" || (mayChange && isChanged && actual.length === expected.length)) {
    return differInSegmentSizeOnly(expected, actual) ? undefined : "changes more than the segment size";
  }
  if (reason === "error_restored" || (mayChange && isChanged))
    return prefixed("error", faultOfRestored(expected, actual));
  return isChanged ? "changes the packet" : undefined;
}

/** What was wrong before may stay wrong. */
function faultOfRestored(before: Buffer, after: Buffer): string | undefined {
  if (after.length >= before.length) return "does not get shorter";
  return faultOfError(before) === undefined ? faultOfError(after) : undefined;
}

function prefixed(what: string, fault: string | undefined): string | undefined {
  return fault === undefined ? undefined : `${what} ${fault}`;
}
