import { setTimeout as wait } from "node:timers/promises";
import { agentCounters, type LocalCounters, type LocalOptions } from "@sextant/agent";
import type { Command } from "commander";
import { addOutputOption } from "../../output/output-option";
import { print, wantsColour } from "../../output/print";
import { renderTable } from "../../output/table";
import { formatBytes, formatCount } from "../../output/units";
import { instanceCommand, jsonLines, type OutputOptions } from "./instance-command";

const INTERVAL_MS = 1_000;

type CountersOptions = LocalOptions & OutputOptions & { readonly watch?: boolean };

/** `sextant agent counters`. */
export function agentCountersCommand(): Command {
  const command = instanceCommand("counters")
    .description(
      "Packets and bytes of each policy, candidate, segment list and uplink, and of every exit by its reason.",
    )
    .option("-w, --watch", "show what is counted in each second, until interrupted; with -o json a line per second")
    .addHelpText("after", "\nExample:\n  $ sextant agent counters --instance desk-1 --watch");
  return addOutputOption(command, ["table", "wide", "json"]).action(async (options: CountersOptions) => {
    if (options.watch === true) return watch(options);
    const counters = await agentCounters(options);
    print(options.output === "json" ? jsonLines(counters) : tables(counters, options.output === "wide"));
  });
}

async function watch(options: CountersOptions): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  let last = await agentCounters(options);
  while (await paused(interrupted.signal)) {
    const now = await agentCounters(options);
    const rates = since(last, now);
    print(options.output === "json" ? [JSON.stringify(rates)] : [...tables(rates, options.output === "wide"), ""]);
    last = now;
  }
}

/** False when it was interrupted. */
function paused(signal: AbortSignal): Promise<boolean> {
  return wait(INTERVAL_MS, true, { signal }).catch(() => false);
}

interface Counted {
  readonly packets: string;
  readonly bytes?: string;
}

/** What was counted between two readings; what was not there before counts from zero. */
function since(before: LocalCounters, now: LocalCounters): LocalCounters {
  const policies = new Map(before.policies.map((row) => [row.policy, row]));
  const lists = new Map(before.lists.map((row) => [row.list, row]));
  const uplinks = new Map(before.uplinks.map((row) => [row.ifindex, row]));
  const reasons = new Map(before.reasons.map((row) => [row.reason, row]));
  const flows = new Map(before.flows.map((row) => [row.event, row.flows]));
  return {
    ...now,
    policies: now.policies.map((row) => {
      const old = policies.get(row.policy);
      return { ...less(row, old), candidates: row.candidates.map((one, i) => less(one, old?.candidates[i])) };
    }),
    lists: now.lists.map((row) => {
      const old = lists.get(row.list);
      return { ...less(row, old), tcpMoves: minus(row.tcpMoves, old?.tcpMoves) };
    }),
    uplinks: now.uplinks.map((row) => less(row, uplinks.get(row.ifindex))),
    reasons: now.reasons.map((row) => less(row, reasons.get(row.reason))),
    flows: now.flows.map((row) => ({ ...row, flows: minus(row.flows, flows.get(row.event)) })),
  };
}

function minus(a: string, b: string | undefined): string {
  return String(BigInt(a) - BigInt(b ?? 0));
}

function less<T extends Counted>(row: T, old: Counted | undefined): T {
  const bytes = row.bytes === undefined ? {} : { bytes: minus(row.bytes, old?.bytes) };
  return { ...row, packets: minus(row.packets, old?.packets), ...bytes };
}

/** Exits that nothing has taken are shown on request only. */
function tables(counters: LocalCounters, wide: boolean): string[] {
  const colour = wantsColour();
  const traffic = ({ packets, bytes }: Required<Counted>) => [formatCount(Number(packets)), formatBytes(Number(bytes))];
  const policyRows = counters.policies.flatMap((row) => [
    [row.policy, "all", ...traffic(row)],
    ...row.candidates.map((one, i) => ["", String(i + 1), ...traffic(one)]),
  ]);
  const listRows = counters.lists.map((row) => [row.list, ...traffic(row), row.tcpMoves]);
  const flowRows = counters.flows
    .filter(({ flows }) => wide || flows !== "0")
    .map(({ flows, event, meaning }) => [flows, event, meaning]);
  const uplinkRows = counters.uplinks.map((row) => [row.uplink ?? `interface ${row.ifindex} (gone)`, ...traffic(row)]);
  const reasonRows = counters.reasons
    .filter(({ packets }) => wide || packets !== "0")
    .map(({ packets, direction, outcome, reason, meaning }) => [packets, direction, outcome, reason, meaning]);
  return [
    ...renderTable(["POLICY", "CANDIDATE", "PACKETS", "BYTES"], policyRows, colour),
    "",
    ...renderTable(["LIST", "PACKETS", "BYTES", "TCP FLOWS LEFT"], listRows, colour),
    "",
    ...renderTable(["UPLINK", "PACKETS", "BYTES"], uplinkRows, colour),
    "",
    ...renderTable(["PACKETS", "WHERE", "OUTCOME", "REASON", "MEANING"], reasonRows, colour),
    ...(flowRows.length === 0 ? [] : ["", ...renderTable(["TIMES", "FLOW EVENT", "MEANING"], flowRows, colour)]),
  ];
}
