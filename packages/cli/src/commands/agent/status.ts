import {
  agentStatus,
  type LocalOptions,
  type LocalPolicy,
  type LocalStatus,
  refusedRatesMessage,
} from "@sextant/agent";
import type { Command } from "commander";
import { addOutputOption } from "../../output/output-option";
import { print, wantsColour } from "../../output/print";
import { type Cell, renderTable } from "../../output/table";
import { formatBytes, formatCount } from "../../output/units";
import { instanceCommand, jsonLines, type OutputOptions } from "./instance-command";
import { pathTable } from "./paths";

/** `sextant agent status`. */
export function agentStatusCommand(): Command {
  const command = instanceCommand("status")
    .description("What an instance does now, read from kernel and disk: works with the agent dead too.")
    .addHelpText("after", "\nExample:\n  $ sextant agent status --instance desk-1 -o json");
  return addOutputOption(command, ["table", "json"]).action(async (options: LocalOptions & OutputOptions) => {
    const status = await agentStatus(options);
    print(options.output === "json" ? jsonLines(status) : describe(status));
  });
}

function describe(status: LocalStatus): string[] {
  const { agent, features, layoutVersion } = status;
  const colour = wantsColour();
  const reasons = Object.entries(status.packetsByReason).filter(([, count]) => count !== "0");
  return [
    `Instance  ${status.instance}, host ${status.host ?? "unknown"}`,
    `Agent     ${agent.running ? `running, process ${agent.pid ?? "?"}` : "not running: the kernel forwards on, liveness is frozen"}`,
    `Term      ${status.term}`,
    `SIDs      ${status.nodeSid ?? "none yet"}; outer headers end at ${status.decapsulationSid ?? "none yet"}`,
    `Maps      ${layoutVersion === null ? "none pinned" : `layout ${layoutVersion}`}`,
    `Features  ${features?.executables === true ? "executables" : "no executables: rules that name one match nothing"}`,
    `Uplinks   ${uplinkText(status)}`,
    ...(status.refusedRates ?? []).map((refused) => `Probes    ${refusedRatesMessage([refused])}`),
    "",
    ...renderTable(
      ["POLICY", "GEN", "INSTALLED", "CANDIDATE", "SPREAD", "PACKETS", "BYTES"],
      status.policies.map(policyRow),
      colour,
    ),
    "",
    ...pathTable(status.lists, false),
    "",
    ...renderTable(
      ["PACKETS", "REASON"],
      reasons.map(([name, count]) => [count, name]),
      colour,
    ),
  ];
}

function uplinkText({ uplinks }: LocalStatus): string {
  const names = uplinks.map(({ name, ifindex, hook }) => `${name ?? `interface ${ifindex}, which is gone`} (${hook})`);
  return names.length === 0 ? "none" : names.join(", ");
}

function policyRow(policy: LocalPolicy): Cell[] {
  const { activeCandidate, candidates, onNoPath } = policy;
  const active = activeCandidate < 0 ? `none: ${onNoPath}` : `${activeCandidate + 1} of ${candidates.length}`;
  const installed: Cell = policy.current
    ? { text: "yes", tone: "good" }
    : { text: policy.installed ? "older version" : "no", tone: "doubtful" };
  const { policy: key, generation, spread, packets, bytes } = policy;
  const traffic = [formatCount(Number(packets)), formatBytes(Number(bytes))];
  return [key, String(generation), installed, active, spread, ...traffic];
}
