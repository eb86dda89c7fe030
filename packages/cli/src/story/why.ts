import { explainPolicy, formatMs, type MetricsView, type NetworkFor, pathText } from "@sextant/controller";
import type { Intent } from "@sextant/model";
import type { PolicyStatus } from "../status";

/** Why the primary is the primary: which constraints bind it, and what plain routing would have done. */
export function whyLines(
  { host, endpoint, direction, candidates }: PolicyStatus,
  intent: Intent | undefined,
  networkFor: NetworkFor | undefined,
): string[] {
  if (intent === undefined || networkFor === undefined) return [];
  const pair = { host, endpoint, direction };
  const explanation = explainPolicy(intent, networkFor(intent.name, pair), pair);
  if (explanation === undefined) return [];
  const { binding, igpPath } = explanation;
  const bound = binding.map(({ constraint, without }) => {
    return `  because of ${constraint}: without it ${pathText(without, candidates[0], " > ")} (${short(without.metrics)})`;
  });
  if (igpPath === undefined) return [...bound, "  plain routing has no way there"];
  const same = igpPath.links.join(" ") === candidates[0]?.links.join(" ");
  const spread = igpPath.ecmp ? ", or another way of equal cost" : "";
  const plain = same
    ? `the same way${spread}`
    : `${pathText(igpPath, candidates[0], " > ")} (${short(igpPath.metrics)})${spread}`;
  return [...bound, `  plain routing would take ${plain}`];
}

function short({ delayUs, igp, te, hops }: MetricsView): string {
  return `${formatMs(delayUs)}, IGP ${igp}, TE ${te}, ${hops} hops`;
}
