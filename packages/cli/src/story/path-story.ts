import { deadReturnText } from "../output/dead-return";
import { pathStateCell } from "../output/columns";
import { paint } from "../output/table";
import { formatAge, formatBytes, formatCount, formatLoss, formatMicroseconds } from "../output/units";
import type { Resource } from "../resource";
import { pathStatusOf } from "../status";
import type { Teller } from "./intent-story";
import { segmentMeaning } from "./segment-meaning";

/** One segment list of one host: where it leads, how it is probed, who uses it. */
export function pathStory(resource: Resource, { snapshot, nowMs, colour }: Teller): string[] {
  const path = pathStatusOf(resource);
  const facts = [
    ...(path.since === undefined ? [] : [`for ${formatAge(nowMs - Date.parse(path.since))}`]),
    ...(path.roundTripUs === undefined ? [] : [`round trip ${formatMicroseconds(path.roundTripUs)}`]),
    ...(path.lossPpm === undefined ? [] : [`loss ${formatLoss(path.lossPpm)}`]),
    ...[deadReturnText(path.deadReturns)].filter((part) => part !== undefined),
  ];
  const counts =
    path.probesSent === undefined
      ? []
      : [`  ${formatCount(path.probesReturned ?? 0)} of ${formatCount(path.probesSent)} probes returned`];
  const carried =
    path.packets === undefined
      ? []
      : [`  ${formatCount(path.packets)} packets, ${formatBytes(path.bytes ?? 0)} steered onto it`];
  const { alternateProbeSegments: alternate = [] } = path;
  const meaning = (segment: string) => `  ${segment}  ${segmentMeaning(snapshot?.topology, segment)}`;
  return [
    `Path ${resource.name} of host ${path.host}: ${[paint(pathStateCell(path), colour), ...facts].join(", ")}`,
    ...(path.stale && path.state !== undefined ? ["  the host's last report is too old to rely on"] : []),
    ...counts,
    ...carried,
    "",
    `On the wire, ${path.encapsulation}${path.signingKeyId === undefined ? "" : `, signed with key ${path.signingKeyId}`}`,
    ...path.segments.map(meaning),
    "",
    "Probed along",
    ...path.probeSegments.map(meaning),
    `  and back to ${path.host}`,
    ...(alternate.length === 0 ? [] : ["or, to come back another way, along", ...alternate.map(meaning)]),
    "",
    "Used by",
    ...(path.policies.length === 0 ? ["  nobody any more"] : path.policies.map((policy) => `  ${policy}`)),
  ];
}
