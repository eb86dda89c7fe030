import { agentStatus, type LocalList, type LocalOptions } from "@sextant/agent";
import type { Command } from "commander";
import { pathStateCell } from "../../output/columns";
import { deadReturnText } from "../../output/dead-return";
import { addOutputOption } from "../../output/output-option";
import { print, wantsColour } from "../../output/print";
import { type Cell, renderTable } from "../../output/table";
import { formatBytes, formatCount, formatLoss, formatMicroseconds } from "../../output/units";
import { instanceCommand, jsonLines, type OutputOptions } from "./instance-command";

/** `sextant agent paths`. */
export function agentPathsCommand(): Command {
  const command = instanceCommand("paths")
    .description(
      "Every segment list of an instance: alive or dead, how it goes onto packets, where it leaves the host.",
    )
    .addHelpText("after", "\nExample:\n  $ sextant agent paths --instance desk-1 -o wide");
  return addOutputOption(command, ["table", "wide", "json"]).action(async (options: LocalOptions & OutputOptions) => {
    const { lists } = await agentStatus(options);
    print(options.output === "json" ? jsonLines(lists) : pathTable(lists, options.output === "wide"));
  });
}

/** A line per list; `wide` adds its probes, header bytes and MTU. */
export function pathTable(lists: readonly LocalList[], wide: boolean): string[] {
  const columns = COLUMNS.filter((column) => wide || column.wide !== true);
  return renderTable(
    columns.map(({ header }) => header),
    lists.map((list) => columns.map(({ cell }) => cell(list))),
    wantsColour(),
  );
}

interface Column {
  readonly header: string;
  readonly cell: (list: LocalList) => Cell;
  readonly wide?: boolean;
}

const COLUMNS: readonly Column[] = [
  { header: "LIST", cell: ({ list }) => list },
  { header: "STATE", cell: ({ state, withheld }) => pathStateCell({ state, withheld: withheld !== null }) },
  { header: "REASON", cell: reasonText },
  { header: "PROBED", cell: probedText },
  {
    header: "ROUND TRIP",
    cell: ({ probesReturned, roundTripUs, meanRoundTripUs }) =>
      probesReturned === "0" ? "-" : formatMicroseconds(meanRoundTripUs ?? roundTripUs),
  },
  { header: "JITTER", cell: ({ jitterUs }) => (jitterUs === null ? "-" : formatMicroseconds(jitterUs)) },
  { header: "LOSS", cell: ({ lossPpm }) => (lossPpm === null ? "-" : formatLoss(lossPpm)) },
  { header: "TCP LOSS", cell: ({ tcpLossPpm }) => (tcpLossPpm === null ? "-" : formatLoss(tcpLossPpm)), wide: true },
  { header: "TCP ROUND TRIP", cell: tcpRoundTripText, wide: true },
  { header: "PROBES", cell: ({ probesReturned, probesSent }) => `${probesReturned}/${probesSent}`, wide: true },
  { header: "ONTO PACKETS", cell: ({ encapsulation, headerBytes }) => `${encapsulation}, ${headerBytes} B` },
  { header: "NEXT HOP", cell: nextHopText },
  { header: "MTU", cell: ({ mtu }) => String(mtu), wide: true },
  { header: "PACKETS", cell: ({ packets }) => formatCount(Number(packets)) },
  { header: "BYTES", cell: ({ bytes }) => formatBytes(Number(bytes)), wide: true },
  { header: "SEGMENTS", cell: ({ segments }) => segments.join(" ") },
  { header: "HEADER", cell: ({ header }) => header, wide: true },
];

/** Why it is in its state, why it is left alone where that is something else, and a way back that is dead. */
function reasonText({ reason, withheld, witness, deadReturns }: LocalList): string {
  const seenBy = (part: string | null) =>
    part !== null && part === withheld && witness === "tcp" ? `${part} (tcp)` : part;
  const parts = new Set(
    [seenBy(reason), seenBy(withheld), deadReturnText(deadReturns)].filter((part) => part !== null && part !== ""),
  );
  return [...parts].filter((part) => part !== undefined).join(", ") || "-";
}

/** "2.1 ms, +1.2 ms": the mean, and how much longer it is than the least. */
function tcpRoundTripText({ tcpRoundTripUs, tcpRiseUs }: LocalList): string {
  if (tcpRoundTripUs === null) return "-";
  return `${formatMicroseconds(tcpRoundTripUs)}, +${formatMicroseconds(tcpRiseUs ?? 0)}`;
}

/** "10 ms x 3": a probe so often, and so many in a row that must be missing. */
function probedText({ intervalUs, askedIntervalUs, multiplier }: LocalList): Cell {
  const us = intervalUs ?? askedIntervalUs;
  if (us === null) return `x ${multiplier}`;
  const text = `${formatMicroseconds(us)} x ${multiplier}`;
  return askedIntervalUs !== null && us > askedIntervalUs
    ? { text: `${text}, not ${formatMicroseconds(askedIntervalUs)}`, tone: "doubtful" }
    : text;
}

/** "fe80::1 on eth0", or "on eth0" where the first segment is on the link. */
export function nextHopText({ uplink, ifindex, gateway }: Pick<LocalList, "uplink" | "ifindex" | "gateway">): string {
  const device = uplink ?? `interface ${ifindex} (gone)`;
  return gateway === null ? `on ${device}` : `${gateway} on ${device}`;
}
