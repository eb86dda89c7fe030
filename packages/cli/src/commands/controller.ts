import { type ControllerOptions, DEFAULT_DATA_DIR, DEFAULT_LISTEN, runController } from "@sextant/controller";
import { Command, InvalidArgumentError, Option } from "commander";

/** `sextant controller`: runs the controller in the foreground until SIGTERM or SIGINT. */
export function controllerCommand(): Command {
  return new Command("controller")
    .description("Run the controller in the foreground. It logs JSON to stderr and prints one line when it is ready.")
    .option("--data-dir <dir>", "directory of the embedded store", DEFAULT_DATA_DIR)
    .option(
      "--listen <address>",
      `ADDR:PORT, [IPV6]:PORT or unix:PATH; repeatable (default: ${DEFAULT_LISTEN})`,
      collect,
    )
    .option("--metrics <address>", "ADDR:PORT or [IPV6]:PORT to serve /metrics on, plaintext (default: nowhere)")
    .option("--tls-cert <file>", "certificate of this controller, PEM; turns mutual TLS on for every TCP address")
    .option("--tls-key <file>", "its private key, PEM")
    .option("--tls-ca <file>", "authority of agents and operators, PEM")
    .option("--insecure", "allow plaintext on addresses that are not loopback")
    .option("--store <store>", "level (embedded), or redis://HOST:PORT/DB", "level")
    .option(
      "--min-term <n>",
      "term to start at: above what hosts have seen, when their controller's store was lost",
      integer,
      1,
    )
    .addOption(
      new Option("--log-level <level>", "least severe level to log")
        .choices(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
        .default("info"),
    )
    .option("--probe-interval-ms <ms>", "time between probes of a path", integer, 100)
    .option("--probe-multiplier <n>", "lost probes in a row that make a path dead", integer, 3)
    .option("--report-interval-ms <ms>", "time between periodic reports of an agent", integer, 1_000)
    .addHelpText("after", "\nExample:\n  $ sextant controller --data-dir ./data --listen 127.0.0.1:7443")
    .action(serve);
}

async function serve(options: ControllerOptions): Promise<void> {
  const controller = await runController(options);
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  process.stdout.write(
    `sextant controller ready: term ${controller.term}, listening on ${controller.addresses.join(", ")}\n`,
  );
  await stopped;
  await controller.close();
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function integer(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("give a whole number.");
}
