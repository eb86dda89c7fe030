import { type Source, source } from "@sextant/metrics";
import type { EntryStatus } from "@sextant/model";
import type { Agent } from "../agent";
import type { Keeper } from "../keeper";
import type { AgentInstruments } from "./agent-instruments";
import { AGENT_FAMILIES as FAMILIES } from "./families";
import { pathSources } from "./path-sources";
import { policySources } from "./policy-sources";

const STATUSES: readonly EntryStatus[] = ["installed", "waiting", "rejected"];

/** What is exported of an agent. */
export interface AgentExports {
  readonly host: string;
  readonly version: string;
  readonly agent: Pick<Agent, "look" | "lists" | "hasSession">;
  readonly keeper: Pick<Keeper, "state" | "states">;
  readonly instruments: Pick<AgentInstruments, "transitions">;
}

/** Everything that one scrape of an agent reads, in the order of the answer; the kernel is read once, here. */
export function agentSources({ host, version, agent, keeper, instruments }: AgentExports): Source[] {
  const report = agent.look();
  return [
    source(FAMILIES.info, () => [[[host, version], 1]]),
    source(FAMILIES.session, () => [[[host], Number(agent.hasSession)]]),
    source(FAMILIES.entries, function* () {
      const counts = { installed: 0, waiting: 0, rejected: 0 };
      for (const { status } of keeper.states.values()) counts[status] += 1;
      for (const status of STATUSES) yield [[host, status], counts[status]];
    }),
    source(FAMILIES.driftRepairs, () => [[[host], report.driftRepairs]]),
    source(FAMILIES.packets, function* () {
      for (const [reason, packets] of report.packetsByReason) if (packets > 0n) yield [[host, reason], packets];
    }),
    source(FAMILIES.uplinkPackets, () => report.uplinks.map((uplink) => [[host, uplink.interface], uplink.packets])),
    source(FAMILIES.uplinkBytes, () => report.uplinks.map((uplink) => [[host, uplink.interface], uplink.bytes])),
    ...pathSources(host, report.paths, agent.lists),
    source(FAMILIES.pathTransitions, () => instruments.transitions()),
    ...policySources(host, report.policies, keeper.state.installed),
  ];
}
