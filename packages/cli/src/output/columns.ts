import type { Kind } from "../kinds";
import type { JsonObject, Resource } from "../resource";
import {
  hostStatusOf,
  intentStatusOf,
  type LinkHealth,
  linkHealthOf,
  type ListStatus,
  pathStatusOf,
  type SegmentListStatus,
} from "../status";
import { deadReturnText } from "./dead-return";
import type { Cell } from "./table";
import { formatAge, formatCount, formatLoss, formatMbps, formatMicroseconds } from "./units";
import { intentVerdict, shownCandidate } from "./verdict";

/** How a kind is listed. */
export interface Columns {
  readonly header: readonly string[];
  readonly row: (resource: Resource) => readonly Cell[];
}

type Column = readonly [title: string, cell: (resource: Resource, nowMs: number) => Cell, wide?: "wide"];

const NONE = "-";

/** The columns of a kind; some only when there is room for them. `now` is asked at every row. */
export function columnsOf(kind: Kind, wide: boolean, now: () => number = Date.now): Columns {
  const columns = COLUMNS[kind].filter(([, , only]) => wide || only === undefined);
  return {
    header: columns.map(([title]) => title),
    row: (resource) => columns.map(([, cell]) => cell(resource, now())),
  };
}

const name: Column = ["NAME", (resource) => resource.name];
const generation: Column = ["GENERATION", (resource) => String(resource.generation), "wide"];
const labels: Column = [
  "LABELS",
  (resource) =>
    orNone(
      Object.entries(resource.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
    ),
  "wide",
];

const COLUMNS: Readonly<Record<Kind, readonly Column[]>> = {
  Intent: [
    name,
    ["OBJECTIVE", (resource) => text(child(resource.spec, "objective")["minimize"])],
    ["POLICIES", (resource) => String(intentStatusOf(resource).policies.length)],
    ["STATUS", (resource) => intentVerdict(intentStatusOf(resource))],
    ["PATH", (resource) => orNone(firstCandidate(resource)?.nodes.join(" > "))],
    ["DELAY", (resource) => optional(firstCandidate(resource)?.metrics.delayUs, formatMicroseconds)],
    ["MODE", (resource) => orNone(intentStatusOf(resource).policies[0]?.mode), "wide"],
    ["SEGMENTS", (resource) => orNone(listsText(firstCandidate(resource)?.segmentLists ?? [])), "wide"],
    ["PACKETS", (resource) => optional(packetsOf(resource), formatCount), "wide"],
    generation,
    labels,
  ],
  Topology: [
    name,
    ["NODES", (resource) => text(resource.status["nodes"])],
    ["HOSTS", (resource) => text(resource.status["hosts"])],
    ["LINKS", (resource) => text(resource.status["links"])],
    ["BLOCK", (resource) => text(resource.spec["locatorBlock"])],
    generation,
    labels,
  ],
  Service: [
    name,
    ["TYPE", (resource) => text(resource.spec["type"])],
    ["INSTANCES", (resource) => String(list(resource.spec["instances"]).length)],
    generation,
    labels,
  ],
  Host: [
    name,
    ["AGENT", (resource) => sessionCell(hostStatusOf(resource).session.state)],
    ["SINCE", (resource, nowMs) => age(hostStatusOf(resource).session.since, nowMs)],
    ["ENTRIES", entriesCell],
    ["PENDING", (resource) => optional(hostStatusOf(resource).notInstalledEntries, String)],
    ["VERSION", (resource) => orNone(hostStatusOf(resource).session.agentVersion), "wide"],
    ["KERNEL", (resource) => orNone(hostStatusOf(resource).session.kernelRelease), "wide"],
    ["REPAIRS", (resource) => optional(hostStatusOf(resource).driftRepairs, String), "wide"],
    labels,
  ],
  Path: [
    name,
    ["STATE", (resource) => pathStateCell(pathStatusOf(resource))],
    ["REASON", (resource) => reasonCell(pathStatusOf(resource))],
    ["SINCE", (resource, nowMs) => age(pathStatusOf(resource).since, nowMs)],
    ["ROUND TRIP", (resource) => optional(pathStatusOf(resource).roundTripUs, formatMicroseconds)],
    ["LOSS", (resource) => optional(pathStatusOf(resource).lossPpm, formatLoss)],
    ["SEGMENTS", (resource) => pathStatusOf(resource).segments.join(",")],
    ["HEADER", (resource) => pathStatusOf(resource).encapsulation, "wide"],
    ["PROBES", probesCell, "wide"],
    ["PACKETS", (resource) => optional(pathStatusOf(resource).packets, formatCount), "wide"],
    ["POLICIES", (resource) => orNone(pathStatusOf(resource).policies.join(",")), "wide"],
  ],
  Node: [
    name,
    ["KIND", (resource) => text(resource.spec["kind"])],
    ["ID", (resource) => hex(resource.spec["nodeId"])],
    ["SID", (resource) => text(resource.spec["sid"])],
    ["ADDRESSES", (resource) => orNone(list(resource.spec["addresses"]).join(","))],
    ["PREFIXES", (resource) => orNone(list(resource.spec["prefixes"]).join(",")), "wide"],
    ["DECAPSULATES AT", (resource) => text(resource.spec["decapsulationSid"]), "wide"],
    ["SEGMENTS", (resource) => text(resource.spec["maxSegments"]), "wide"],
    labels,
  ],
  Link: [
    name,
    ["A", (resource) => text(resource.spec["a"])],
    ["B", (resource) => text(resource.spec["b"])],
    [
      "STATE",
      (resource) => ({ text: text(resource.spec["state"]), tone: resource.spec["state"] === "up" ? "good" : "bad" }),
    ],
    ["HEALTH", linkHealthCell],
    ["IGP", bothWays("igp", String)],
    ["TE", bothWays("te", String)],
    ["DELAY", bothWays("delayUs", formatMicroseconds)],
    ["CAPACITY", bothWays("capacityMbps", formatMbps)],
    ["RESERVED", bothWays("reservedMbps", formatMbps, bandwidthOf)],
    ["LEFT", bothWays("leftMbps", formatMbps, bandwidthOf)],
    ["SRLGS", (resource) => orNone(list(resource.spec["srlgs"]).join(","))],
    ["FOUND", (resource, nowMs) => age(linkHealthOf(resource)?.since, nowMs), "wide"],
    ["SID A TO B", (resource) => text(child(resource.spec, "aToB")["adjacencySid"]), "wide"],
    ["SID B TO A", (resource) => text(child(resource.spec, "bToA")["adjacencySid"]), "wide"],
  ],
};

function reasonCell({ reason, deadReturns }: ListStatus): Cell {
  return orNone([reason, deadReturnText(deadReturns)].filter((part) => part !== undefined).join(", "));
}

/** Colour and word for the state of a path. */
export function pathStateCell({ state, withheld }: ListStatus): Cell {
  if (state === undefined) return { text: "unreported", tone: "faint" };
  if (state === "alive" && withheld === true) return { text: "withheld", tone: "doubtful" };
  return { text: state, tone: state === "alive" ? "good" : state === "dead" ? "bad" : "doubtful" };
}

/** `up`, `suspected 50 %`, `down b to a`, `probation 3s left`. */
function linkHealthCell(resource: Resource, nowMs: number): Cell {
  const health = linkHealthOf(resource);
  switch (health?.state) {
    case undefined:
      return NONE;
    case "up":
      return { text: "up", tone: "good" };
    case "suspected":
      return { text: `suspected ${Math.round((health.suspicion ?? 0) * 100)} %`, tone: "doubtful" };
    case "down":
      return { text: `down${oneWay(resource, health)}`, tone: "bad" };
    case "probation": {
      const leftMs = Math.max(0, Date.parse(health.trustedAt ?? "") - nowMs || 0);
      return { text: `probation ${formatAge(leftMs)} left`, tone: "doubtful" };
    }
  }
}

/** Which way it is broken, where that is one way only. */
function oneWay({ spec }: Resource, { from = [] }: LinkHealth): string {
  const [only, other] = from;
  if (only === undefined || other !== undefined) return "";
  return ` ${only} to ${text(spec[only === spec["a"] ? "b" : "a"])}`;
}

function sessionCell(state: string): Cell {
  return { text: state, tone: state === "connected" ? "good" : "bad" };
}

function entriesCell(resource: Resource): Cell {
  const { desiredEntries, currentEntries } = hostStatusOf(resource);
  const tone = currentEntries === desiredEntries ? "plain" : "doubtful";
  return { text: `${currentEntries ?? "?"}/${desiredEntries}`, tone };
}

function probesCell(resource: Resource): Cell {
  const { probesSent, probesReturned } = pathStatusOf(resource);
  return probesSent === undefined ? NONE : `${formatCount(probesReturned ?? 0)}/${formatCount(probesSent)}`;
}

function firstCandidate(resource: Resource): ReturnType<typeof shownCandidate> {
  const [policy] = intentStatusOf(resource).policies;
  return policy && shownCandidate(policy);
}

/** `a,b`, and with their weights where several share the traffic: `a,b x4 | c x1`. */
function listsText(lists: readonly SegmentListStatus[]): string {
  const weight = (list: SegmentListStatus) => (lists.length > 1 ? ` x${list.weight}` : "");
  return lists.map((list) => `${list.segments.join(",")}${weight(list)}`).join(" | ");
}

function packetsOf(resource: Resource): number | undefined {
  const counted = intentStatusOf(resource).policies.flatMap(({ packets }) => packets ?? []);
  return counted.length === 0 ? undefined : counted.reduce((sum, packets) => sum + packets, 0);
}

/** One value where both directions agree, else `a/b`. */
function bothWays(
  field: string,
  format: (value: number) => string,
  of: (resource: Resource) => JsonObject = ({ spec }) => spec,
): (resource: Resource) => Cell {
  return (resource) => {
    const [there, back] = ["aToB", "bToA"].map((side) => numberCell(child(of(resource), side)[field], format));
    return there === back ? (there ?? NONE) : `${there ?? NONE}/${back ?? NONE}`;
  };
}

/** What is reserved in both directions of a link; empty where nothing is. */
function bandwidthOf({ status }: Resource): JsonObject {
  return child(status, "bandwidth");
}

function numberCell(value: unknown, format: (value: number) => string): string {
  return typeof value === "number" ? format(value) : NONE;
}

function child(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as JsonObject) : {};
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : NONE;
}

function hex(value: unknown): string {
  return typeof value === "number" ? `0x${value.toString(16)}` : NONE;
}

function orNone(value: string | undefined): string {
  return value === undefined || value === "" ? NONE : value;
}

function optional(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? NONE : format(value);
}

function age(since: string | undefined, nowMs: number): string {
  return since === undefined ? NONE : formatAge(nowMs - Date.parse(since));
}
