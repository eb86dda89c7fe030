import type { TraceReport } from "@sextant/agent";
import { wantsColour } from "../../output/print";
import { type Cell, renderTable } from "../../output/table";
import { nextHopText } from "./paths";

type Rule = TraceReport["rules"][number];
type List = TraceReport["lists"][number];

/** Losers beyond these say nothing that the first ones do not. */
const SHOWN_RULES = 8;

const ENDS: Readonly<Record<NonNullable<TraceReport["end"]>, string>> = {
  local_scope: "multicast and link-local destinations are never steered",
  no_match: "no rule matches; below are the nearest, with what differs",
  policy_missing: "the rule that wins names a policy which is not in the kernel: sextant agent check",
  source_foreign: "the source is outside the SR domain, whose far ends would refuse the header",
  no_path_routed: "no candidate is alive: plain routing, as the intent says",
  no_path_dropped: "no candidate is alive: dropped, as the intent says",
  too_big: "it does not fit with the header; its sender is told the size that does",
  forwarded_insert: "forwarded packets take lists with an outer header only, and these are inserted",
  upper_layer_insert: "this protocol takes lists with an outer header only, and these are inserted",
  ipv4_insert: "IPv4 takes lists with an outer header only, and these are inserted",
};

/** A trace for people: the answer first, then how it came about, then the bytes. */
export function traceStory(report: TraceReport): string[] {
  const { rules, candidates, lists } = report;
  return [
    `Packet    ${packetText(report)}`,
    `Answer    ${answer(report)}`,
    ...(report.policy === null ? [] : [`Policy    ${policyText(report.policy)}`]),
    ...(rules.length === 0 ? [] : ["", ...ruleTable(rules)]),
    ...(candidates.length === 0 ? [] : ["", ...candidateTable(candidates)]),
    ...lists.flatMap((list) => ["", ...listStory(list)]),
  ];
}

function packetText({ packet }: TraceReport): string {
  const { source, destination, sourcePort, destinationPort, protocol, dscp, bytes, forwarded, socket } = packet;
  const port = (number: number | null) => (number === null ? "" : ` port ${number}`);
  const from = forwarded ? "forwarded" : socket === null ? "of this host, socket unknown" : "of this host's socket";
  return `protocol ${protocol}, ${source}${port(sourcePort)} to ${destination}${port(destinationPort)}, DSCP ${dscp}, ${bytes} bytes, ${from}`;
}

function answer({ end, steered, lists }: TraceReport): string {
  if (end !== null) return `not steered (${end}): ${ENDS[end]}`;
  const [first] = lists;
  if (!steered || first === undefined) return "not steered";
  if (lists.length > 1) return `steered: its flow takes one of ${lists.length} lists, by their shares`;
  return `steered: ${first.encapsulation} by ${first.list}, ${nextHopText(first)}`;
}

function policyText(policy: NonNullable<TraceReport["policy"]>): string {
  const intent = policy.intent === null ? "" : `, intent ${policy.intent} generation ${policy.generation ?? "?"}`;
  return `${policy.policy}${intent}, spread by ${policy.spread.kind}, without a path: ${policy.onNoPath}`;
}

function ruleTable(rules: readonly Rule[]): string[] {
  const winner = rules.findIndex(({ wins }) => wins);
  const shown = rules.slice(0, Math.max(SHOWN_RULES, winner + 1));
  const rows = shown.map((rule): Cell[] => {
    const verdict: Cell = rule.wins ? { text: "wins", tone: "good" } : { text: "loses", tone: "faint" };
    return [verdict, rule.policy, String(rule.priority), rule.prefix, whyText(rule)];
  });
  const left = rules.length - shown.length;
  const table = renderTable(["RULE", "POLICY", "PRIORITY", "PREFIX", "WHY"], rows, wantsColour());
  return left === 0 ? table : [...table, `and ${left} more`];
}

function whyText({ wins, losesBy, differences }: Rule): string {
  if (wins) return "matches, highest rank";
  if (losesBy !== null) return `matches too; the winner comes first by: ${losesBy}`;
  return differences.map(({ field, wanted, actual }) => `${field}: wants ${wanted}, packet has ${actual}`).join("; ");
}

function candidateTable(candidates: TraceReport["candidates"]): string[] {
  const rows = candidates.flatMap(({ preference, chosen, lists }, index) =>
    lists.map((list, i): Cell[] => {
      const state: Cell = {
        text: list.installed ? list.state : "missing",
        tone: list.state === "dead" ? "bad" : "good",
      };
      const place = i === 0 ? `${index + 1}${chosen ? ", taken" : ""}` : "";
      const share = list.share === 0 ? "-" : `${(100 * list.share).toFixed(1)} %`;
      return [place, preference === null ? "" : String(preference), list.list, state, String(list.weight), share];
    }),
  );
  return renderTable(["CANDIDATE", "PREFERENCE", "LIST", "STATE", "WEIGHT", "SHARE"], rows, wantsColour());
}

function listStory(list: List): string[] {
  const rows = list.fields.map(({ offset, hex, field, value }) => [
    offset.toString(16).padStart(4, "0"),
    hex,
    field,
    value,
  ]);
  return [
    `${list.list}: ${list.encapsulation}, ${nextHopText(list)}, segments ${list.segments.join(" ")}`,
    `  ${fitText(list)}`,
    ...renderTable(["AT", "BYTES", "FIELD", "VALUE"], rows, false).map((line) => `  ${line}`),
  ];
}

function fitText({ fit, mtu }: List): string {
  switch (fit.kind) {
    case "fits":
      return `fits: ${fit.bytes} bytes of ${mtu}`;
    case "too_big":
      return `too big: ${fit.bytes} bytes of ${mtu}; ${toldText(fit.tellsMtu)}`;
    case "refused":
      return `not on this list: ${fit.reason}`;
  }
}

function toldText(mtu: number | null): string {
  return mtu === null ? "its sender cannot be told of a smaller size" : `its sender is told an MTU of ${mtu}`;
}
