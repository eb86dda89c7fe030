import type { DesiredMatch, Mode, TopologyNode } from "@sextant/model";
import type { Pair } from "../compute/endpoints";
import type { TopologySnapshot } from "../topology/snapshot";
import type { LackingFeatures, PathFeature } from "./features";
import { familiesOf } from "./match";

/** A mode that says how headers look. */
export type SettledMode = Exclude<Mode, "auto">;

/** Why a mode is out of the question. */
export interface ModeObstacle {
  readonly reason: "NoEncapsulationEnd" | "HostLacksFeature" | "InsertNeedsIpv6" | "SignedInsert";
  readonly message: string;
}

/** What a policy's lists look like, or why there can be none. */
export type ModeAnswer =
  | {
      readonly kind: "settled";
      readonly mode: SettledMode;
      /** What the mode leaves unsteered, in words. */
      readonly leaves: string | undefined;
    }
  | ({ readonly kind: "impossible" } & ModeObstacle);

interface Situation {
  readonly pair: Pair;
  readonly near: TopologyNode | undefined;
  readonly far: TopologyNode | undefined;
  readonly families: { readonly ipv4: boolean; readonly ipv6: boolean };
  readonly isSigned: boolean;
  readonly lacking: LackingFeatures;
}

/**
 * Settles how lists go onto the packets of a pair. `auto` inserts where both ends are hosts, every destination is an IPv6
 * address of the far one, the near one sends packets of its own only (what it forwards may not be inserted into: RFC 8200
 * section 4) and nothing is signed; otherwise it encapsulates if the far end takes outer headers off; otherwise it
 * inserts if it may. The other modes are what they are, or impossible.
 */
export function settleMode(
  mode: Mode,
  pair: Pair,
  match: DesiredMatch,
  snapshot: TopologySnapshot,
  lacking: LackingFeatures,
): ModeAnswer {
  const situation: Situation = {
    pair,
    near: snapshot.nodes.get(pair.host),
    far: snapshot.nodes.get(pair.egress ?? ""),
    families: familiesOf(match),
    isSigned: snapshot.topology.signingKeyId !== undefined,
    lacking,
  };
  const inserting = insertObstacle(situation);
  const encapsulating = encapObstacle(situation);
  switch (mode) {
    case "insert":
      return inserting === undefined ? insert(situation) : { kind: "impossible", ...inserting };
    case "encap":
    case "encap-full":
    case "usid":
      return encapsulating === undefined ? SETTLED[mode] : { kind: "impossible", ...encapsulating };
    case "auto":
      if (inserting === undefined && isInsertEnough(situation)) return insert(situation);
      if (encapsulating === undefined) return SETTLED.encap;
      return inserting === undefined ? insert(situation, encapsulating) : { kind: "impossible", ...encapsulating };
  }
}

function isInsertEnough({ pair, near, far, families }: Situation): boolean {
  return pair.kind === "host" && far?.kind === "host" && near?.prefixes.length === 0 && !families.ipv4;
}

function insertObstacle({ pair, families, isSigned, lacking }: Situation): ModeObstacle | undefined {
  if (isSigned) {
    const message =
      "the topology signs segment lists, and an inserted one ends in each packet's own destination: use encap";
    return { reason: "SignedInsert", message };
  }
  if (families.ipv4 && !families.ipv6) {
    const message = "an SRH cannot be inserted into IPv4 packets: use encap";
    return { reason: "InsertNeedsIpv6", message };
  }
  return lacks(lacking, pair.host, "insert");
}

function encapObstacle({ pair, far, families, lacking }: Situation): ModeObstacle | undefined {
  if (far?.decapsulationSid === undefined) return { reason: "NoEncapsulationEnd", message: noEnd(pair, far) };
  const needed: PathFeature[] = families.ipv4 && !families.ipv6 ? ["encap", "ipv4"] : ["encap"];
  const missing = needed.flatMap((feature) => [pair.host, far.name].map((host) => lacks(lacking, host, feature)));
  return missing.find((obstacle) => obstacle !== undefined);
}

function noEnd({ endpoint }: Pair, far: TopologyNode | undefined): string {
  if (far === undefined) return `nothing of the topology is at ${endpoint}`;
  if (far.kind === "host") return `host ${far.name} takes no outer headers off: its node says decapsulates: false`;
  return `${endpoint} lies behind router ${far.name}, and routers take no outer headers off: declare it behind a host that does`;
}

function lacks(lacking: LackingFeatures, host: string, feature: PathFeature): ModeObstacle | undefined {
  if (lacking.get(host)?.has(feature) !== true) return undefined;
  return { reason: "HostLacksFeature", message: `the agent of host ${host} says that it cannot do "${feature}"` };
}

/** Policies by the hundred thousand share these. */
const SETTLED: Readonly<Record<SettledMode, ModeAnswer>> = {
  insert: { kind: "settled", mode: "insert", leaves: undefined },
  encap: { kind: "settled", mode: "encap", leaves: undefined },
  "encap-full": { kind: "settled", mode: "encap-full", leaves: undefined },
  usid: { kind: "settled", mode: "usid", leaves: undefined },
};

/** `instead`: why nothing better than inserting was possible. */
function insert({ near, families }: Situation, instead?: ModeObstacle): ModeAnswer {
  const left = [
    ...(families.ipv4 ? ["IPv4 packets"] : []),
    ...(near !== undefined && near.prefixes.length > 0 ? ["packets that the host forwards"] : []),
  ];
  if (left.length === 0) return SETTLED.insert;
  const why = instead === undefined ? "" : ` (${instead.message})`;
  return { kind: "settled", mode: "insert", leaves: `${left.join(" and ")} cannot be inserted into${why}` };
}
