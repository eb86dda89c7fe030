import { join } from "node:path";
import { DEFAULT_IGP_DELAY_MS, Lab } from "@sextant/lab";
import { Command } from "commander";
import { parseDurationUs } from "./quantities";

interface UpOptions {
  readonly filename: string;
  readonly name?: string;
  readonly igpDelay: number;
  readonly delay: boolean;
  readonly loss: boolean;
  readonly capacity?: boolean;
  readonly daemons?: boolean;
  readonly metrics?: boolean;
  readonly signingKeys?: string;
}

/** `sextant lab up`: everything, or nothing at all. */
export function labUpCommand(): Command {
  return new Command("up")
    .description(
      "Build the network of a topology file. What fails, or is interrupted, leaves nothing behind. Needs root.",
    )
    .requiredOption("-f, --filename <topology>", "file with one Topology document")
    .option("--name <lab>", "short name of the lab (default: the topology's)")
    .option(
      "--igp-delay <time>",
      "time from loss of carrier to new routes",
      (text: string) => parseDurationUs(text) / 1_000,
      DEFAULT_IGP_DELAY_MS,
    )
    .option("--no-delay", "links without the topology's delays")
    .option("--no-loss", "links without the topology's losses")
    .option("--capacity", "limit links to the topology's capacities")
    .option("--daemons", "start a controller, and an agent on every host, with mutual TLS")
    .option("--metrics", "with --daemons: they serve /metrics on the management network")
    .option("--signing-keys <file>", "keys of signed segment lists: agents sign, routers accept nothing else")
    .addHelpText("after", "\nExample:\n  $ sextant lab up -f examples/backbone/topology.yaml --daemons")
    .action(run);
}

async function run(options: UpOptions): Promise<void> {
  const interrupt = new AbortController();
  const abort = () => interrupt.abort();
  process.on("SIGINT", abort).on("SIGTERM", abort);
  const onProgress = (step: string) => process.stderr.write(`${step}\n`);
  try {
    const lab = await Lab.up({
      topologyFile: options.filename,
      name: options.name,
      igpDelayMs: options.igpDelay,
      emulate: { delay: options.delay, loss: options.loss, capacity: options.capacity === true },
      sextantCommand: [process.execPath, join(__dirname, "..", "..", "main.js")],
      daemons: options.daemons === true,
      metrics: options.metrics === true,
      signingKeys: options.signingKeys,
      onProgress,
      signal: interrupt.signal,
    });
    process.stdout.write(`${describe(lab, options).join("\n")}\n`);
  } finally {
    process.off("SIGINT", abort).off("SIGTERM", abort);
  }
}

function describe(lab: Lab, { daemons = false, metrics = false }: UpOptions): string[] {
  const { nodes, links } = lab.plan.topology;
  const { namespace } = lab.plan.management;
  const hosts = lab.hosts.map((host) => host.name);
  const [first = "", second = ""] = hosts;
  const target = lab.plan.nodes.get(second)?.loopback[0] ?? "";
  return [
    `lab ${lab.name} is up: ${nodes.length} nodes, ${links.length} links`,
    ...(second === "" ? [] : [`  try     sextant lab exec --name ${lab.name} ${first} -- ping -c 3 ${target}`]),
    ...(daemons ? [`  connect sextant get intents --server unix:${lab.controllerSocket}`] : []),
    ...(daemons && metrics ? [`  metrics http://${lab.metricsAddress()}/metrics in namespace ${namespace}`] : []),
    `  end     sextant lab down --name ${lab.name}`,
  ];
}
