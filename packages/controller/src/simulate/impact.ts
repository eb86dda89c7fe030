import { pairName } from "../compute/endpoints";
import { type MetricsView, metricsView } from "../pipeline/intent-view";
import type { IntentPlan, PlannedPolicy } from "../pipeline/plan";
import type { DirectedLink } from "../topology/directed-link";
import type { TopologySnapshot } from "../topology/snapshot";

/** Intents by name, with what compute and encode make of them. */
export type Plans = ReadonlyMap<string, IntentPlan>;

/** What was planned on a network, and which directions of its links carry nothing although they are declared up. */
export interface PlannedNetwork {
  readonly snapshot: TopologySnapshot;
  readonly broken: readonly DirectedLink[];
  readonly plans: Plans;
}

/** A policy as packets would find it. */
export interface PolicyState {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly metrics: MetricsView;
  /** Backups that share nothing with candidates before them but what is exempt. */
  readonly disjointBackups: number;
}

/** What can happen to a policy, the worst first. */
export const EFFECTS = [
  "breaks",
  "interrupted",
  "losesProtection",
  "moves",
  "removed",
  "added",
  "restored",
  "gainsProtection",
] as const;
/**
 * `breaks`: it had a path and has none. `interrupted`: none of the candidates that work survives, so packets have no path until the
 * new ones arrive.
 * `losesProtection`: fewer disjoint backups. `moves`: another primary.
 */
export type Effect = (typeof EFFECTS)[number];

/** A policy for which something changes. */
export interface Impact {
  readonly intent: string;
  readonly host: string;
  readonly endpoint: string;
  readonly direction: "forward" | "return";
  /** In the order of EFFECTS. */
  readonly effects: readonly Effect[];
  /** Absent where it has no path. */
  readonly before?: PolicyState;
  readonly after?: PolicyState;
  /** Why there is no path after. */
  readonly reason?: string;
}

/** What differs between two plans, in order of intent and pair. */
export function impactsOf(before: PlannedNetwork, after: PlannedNetwork): Impact[] {
  const names = [...new Set([...before.plans.keys(), ...after.plans.keys()])].sort();
  return names.flatMap((name) => {
    const old = byPair(before.plans.get(name));
    const fresh = byPair(after.plans.get(name));
    const pairs = [...new Set([...old.keys(), ...fresh.keys()])];
    return pairs.flatMap((pair) => {
      const policy = old.get(pair);
      const isInterrupted = works(policy, before) && !works(policy, after);
      return impactOf(name, policy, fresh.get(pair), isInterrupted);
    });
  });
}

function impactOf(
  intent: string,
  old: PlannedPolicy | undefined,
  fresh: PlannedPolicy | undefined,
  isInterrupted: boolean,
): Impact[] {
  const { computed } = (fresh ?? old) as PlannedPolicy;
  const before = stateOf(old);
  const after = stateOf(fresh);
  const does: Record<Effect, boolean> = {
    added: old === undefined,
    removed: fresh === undefined,
    breaks: fresh !== undefined && before !== undefined && after === undefined,
    restored: old !== undefined && before === undefined && after !== undefined,
    moves: before !== undefined && after !== undefined && before.links.join(" ") !== after.links.join(" "),
    interrupted: before !== undefined && after !== undefined && isInterrupted,
    losesProtection: before !== undefined && after !== undefined && after.disjointBackups < before.disjointBackups,
    gainsProtection: before !== undefined && after !== undefined && after.disjointBackups > before.disjointBackups,
  };
  const effects = EFFECTS.filter((effect) => does[effect]);
  if (effects.length === 0) return [];
  const reason = after === undefined ? fresh?.computed.noPath?.reason : undefined;
  return [
    {
      intent,
      host: computed.host,
      endpoint: computed.endpoint,
      direction: computed.direction,
      effects,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(reason === undefined ? {} : { reason }),
    },
  ];
}

function byPair(plan: IntentPlan | undefined): Map<string, PlannedPolicy> {
  return new Map((plan?.policies ?? []).map((policy) => [pairName(policy.computed), policy]));
}

function stateOf(policy: PlannedPolicy | undefined): PolicyState | undefined {
  const primary = policy?.candidates.find(isEncoded)?.path;
  if (primary === undefined) return undefined;
  const { nodes, links, metrics } = primary;
  return { nodes, links, metrics: metricsView(metrics), disjointBackups: policy?.computed.protection?.found ?? 0 };
}

function isEncoded({ lists }: PlannedPolicy["candidates"][number]): boolean {
  return lists.some(({ encoded }) => encoded.kind === "encoded");
}

/** Whether hosts have a path that gets packets through before anybody computes a new one. */
function works(policy: PlannedPolicy | undefined, { snapshot, broken }: PlannedNetwork): boolean {
  const carries = (link: string, from: string | undefined) =>
    snapshot.links.get(link)?.state === "up" && !broken.some((each) => each.link === link && each.from === from);
  return (policy?.candidates ?? []).some(({ lists }) =>
    lists.some(
      ({ path, encoded }) => encoded.kind === "encoded" && path.links.every((link, i) => carries(link, path.nodes[i])),
    ),
  );
}
