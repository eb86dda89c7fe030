import {
  type AgentOptions,
  agentStatus,
  DEFAULT_STATE_DIR,
  HOOKS,
  type LocalOptions,
  type LocalStatus,
  LOG_LEVELS,
  runAgent,
  uninstallAgent,
} from "@sextant/agent";
import { Command, Option } from "commander";
import { addOutputOption } from "../output/output-option";
import { print, wantsColour } from "../output/print";
import { type Cell, renderTable, type Tone } from "../output/table";
import { formatBytes, formatCount, formatMicroseconds } from "../output/units";

/** `sextant agent`: runs the agent of this host, shows what it does, takes it off again. */
export function agentCommand(): Command {
  return new Command("agent")
    .description("The agent of this host: steers each application's packets, watches the paths, leaves dead ones.")
    .addCommand(runCommand())
    .addCommand(statusCommand())
    .addCommand(uninstallCommand())
    .addHelpText("after", "\nExample:\n  $ sextant agent run --host desk-1 --controller 127.0.0.1:7443");
}

function runCommand(): Command {
  return new Command("run")
    .description("Run the agent in the foreground. It logs JSON to stderr and prints one line when it is at work.")
    .requiredOption("--host <name>", "name of this host in the topology")
    .requiredOption("--controller <address>", "ADDR:PORT, [IPV6]:PORT or unix:PATH")
    .option("--tls-cert <file>", "certificate of this host, PEM; its common name is the host's")
    .option("--tls-key <file>", "its private key, PEM")
    .option("--tls-ca <file>", "authority of the controller, PEM")
    .option("--tls-server-name <name>", "name in the controller's certificate, when it is not the address")
    .option(
      "--uplink <ifname>",
      "interface to steer on; repeatable (default: those with a route to the SR domain)",
      collect,
    )
    .option("--instance <name>", "name of pins and state (default: the host's name)")
    .option("--state-dir <dir>", "directory of the state that survives reboots", DEFAULT_STATE_DIR)
    .option("--cgroup-root <path>", "directory of the cgroup v2 hierarchy that the cgroups of intents are below")
    .option("--insecure", "allow plaintext to a controller that is not on this machine")
    .addOption(
      new Option("--hook <hook>", "where programs are attached (default: tcx, or clsact below kernel 6.6)").choices([
        ...HOOKS,
      ]),
    )
    .addOption(new Option("--log-level <level>", "least severe level to log").choices([...LOG_LEVELS]).default("info"))
    .addHelpText(
      "after",
      "\nExample:\n  $ sextant agent run --host desk-1 --controller ctl.example:7443 --uplink eth0 \\\n" +
        "      --tls-cert desk-1.pem --tls-key desk-1.key --tls-ca ca.pem",
    )
    .action(run);
}

/** Whatever is steered when the signal comes is steered afterwards. */
async function run(options: AgentOptions): Promise<void> {
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  const agent = await runAgent(options);
  process.stdout.write(`sextant agent ready: host ${agent.config.host}, instance ${agent.config.instance}\n`);
  await stopped;
  await agent.close();
}

function statusCommand(): Command {
  const command = new Command("status")
    .description("What an instance does now, read from kernel and disk: works with the agent dead too.")
    .requiredOption("--instance <name>", "name of pins and state")
    .option("--state-dir <dir>", "directory of the state", DEFAULT_STATE_DIR)
    .addHelpText("after", "\nExample:\n  $ sextant agent status --instance desk-1 -o json");
  return addOutputOption(command, ["table", "json"]).action(async (options: LocalOptions & { output: string }) => {
    const status = await agentStatus(options);
    print(options.output === "json" ? JSON.stringify(status, null, 2).split("\n") : describe(status));
  });
}

function uninstallCommand(): Command {
  return new Command("uninstall")
    .description("Take an instance off this host: programs, maps and state. Traffic is routed plainly from then on.")
    .requiredOption("--instance <name>", "name of pins and state")
    .option("--state-dir <dir>", "directory of the state", DEFAULT_STATE_DIR)
    .addHelpText("after", "\nExample:\n  $ sextant agent uninstall --instance desk-1")
    .action(async (options: LocalOptions) => {
      await uninstallAgent(options);
      print([`agent/${options.instance} uninstalled`]);
    });
}

function describe(status: LocalStatus): string[] {
  const { agent, uplinks } = status;
  const uplinkText = uplinks.map(({ ifindex, hook }) => `${ifindex} (${hook})`).join(", ");
  const colour = wantsColour();
  const reasons = Object.entries(status.packetsByReason).filter(([, count]) => count !== "0");
  return [
    `Instance  ${status.instance}, host ${status.host ?? "unknown"}`,
    `Agent     ${agent.running ? `running, process ${agent.pid ?? "?"}` : "not running: the kernel forwards on, liveness is frozen"}`,
    `Term      ${status.term}`,
    `Node SID  ${status.nodeSid ?? "none yet"}`,
    `Uplinks   ${uplinkText === "" ? "none" : uplinkText}`,
    "",
    ...renderTable(
      ["POLICY", "GEN", "INSTALLED", "CANDIDATE", "PACKETS", "BYTES"],
      status.policies.map(policyRow),
      colour,
    ),
    "",
    ...renderTable(["LIST", "STATE", "ROUND TRIP", "PROBES", "PACKETS", "SEGMENTS"], status.lists.map(listRow), colour),
    "",
    ...renderTable(
      ["PACKETS", "REASON"],
      reasons.map(([name, count]) => [count, name]),
      colour,
    ),
  ];
}

function policyRow(policy: LocalStatus["policies"][number]): Cell[] {
  const { activeCandidate, candidates, onNoPath } = policy;
  const active = activeCandidate < 0 ? `none: ${onNoPath}` : `${activeCandidate + 1} of ${candidates.length}`;
  const installed: Cell = policy.current
    ? { text: "yes", tone: "good" }
    : { text: policy.installed ? "older version" : "no", tone: "doubtful" };
  const { policy: key, generation, packets, bytes } = policy;
  return [key, String(generation), installed, active, formatCount(Number(packets)), formatBytes(Number(bytes))];
}

const TONES: Readonly<Record<LocalStatus["lists"][number]["state"], Tone>> = {
  alive: "good",
  dead: "bad",
  unproven: "doubtful",
};

function listRow(list: LocalStatus["lists"][number]): Cell[] {
  const state = { text: list.state, tone: TONES[list.state] };
  const roundTrip = list.probesReturned === "0" ? "-" : formatMicroseconds(list.roundTripUs);
  const probes = `${list.probesReturned}/${list.probesSent}`;
  return [list.list, state, roundTrip, probes, formatCount(Number(list.packets)), list.segments.join(" ")];
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
