import { type AgentOptions, DEFAULT_STATE_DIR, HOOKS, LOG_LEVELS, runAgent, SWITCHES } from "@sextant/agent";
import { Command, Option } from "commander";

/** `sextant agent run`. */
export function agentRunCommand(): Command {
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
    .option(
      "--dns-server <address>",
      "ADDR, ADDR:PORT or [IPV6]:PORT to resolve the names of intents; repeatable (default: /etc/resolv.conf)",
      collect,
    )
    .option("--signing-keys <file>", "YAML file that lists the keys to sign segment lists with")
    .option("--metrics <address>", "ADDR:PORT or [IPV6]:PORT to serve /metrics on, plaintext (default: nowhere)")
    .option("--insecure", "allow plaintext to a controller that is not on this machine")
    .addOption(
      new Option("--hook <hook>", "where programs are attached (default: tcx, or clsact below kernel 6.6)").choices([
        ...HOOKS,
      ]),
    )
    .addOption(
      new Option(
        "--tcp-moves <switch>",
        "TCP flows leave a segment list that swallows what they send, and tell what it loses",
      )
        .choices([...SWITCHES])
        .default("on"),
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

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
