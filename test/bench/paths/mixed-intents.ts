import type { DocumentRecord } from "../../../packages/controller/src/pipeline/document-record";
import { seededRandom } from "../generated-network";

const OBJECTIVES = ["delay", "igp", "te", "hops"] as const;

/** Constraints in turns: half of the intents have none. */
const CONSTRAINTS = [
  {},
  { maxDelayMs: 60 },
  {},
  { affinity: { none: ["leased"] } },
  {},
  { maxHops: 16 },
  {},
  { avoid: { nodes: ["r17", "r170"] } },
] as const;

/** Pairs of hosts at random, four objectives by eight kinds of constraints, each with a link-disjoint backup; as documents in a store. */
export function mixedIntents(count: number, hosts: number): DocumentRecord[] {
  const random = seededRandom(2);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor(random() * hosts);
    const to = (from + 1 + Math.floor(random() * (hosts - 1))) % hosts;
    const spec = {
      from: { hosts: [`h${from}`] },
      to: { hosts: [`h${to}`] },
      objective: { minimize: OBJECTIVES[i % OBJECTIVES.length] },
      constraints: CONSTRAINTS[Math.floor(i / OBJECTIVES.length) % CONSTRAINTS.length],
      protection: { backups: 1, disjoint: "link" },
    };
    return { kind: "Intent", name: `intent-${String(i).padStart(6, "0")}`, labels: {}, spec, generation: 1 };
  });
}
