import { type Command, InvalidArgumentError, Option } from "commander";

/** Where the controller is and how to prove who is asking. */
export interface ConnectionOptions {
  readonly server: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly insecure?: boolean;
  /** Seconds that a call may take; watching has no limit. */
  readonly timeout: number;
}

const DEFAULT_SERVER = "127.0.0.1:7443";

/** Adds the options of every command that talks to a controller. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--server <address>", "controller, HOST:PORT or unix:PATH")
        .env("SEXTANT_SERVER")
        .default(DEFAULT_SERVER),
    )
    .addOption(new Option("--tls-ca <file>", "PEM certificates to trust the controller by").env("SEXTANT_TLS_CA"))
    .addOption(new Option("--tls-cert <file>", "PEM certificate of the operator").env("SEXTANT_TLS_CERT"))
    .addOption(new Option("--tls-key <file>", "PEM key of that certificate").env("SEXTANT_TLS_KEY"))
    .addOption(
      new Option("--tls-server-name <name>", "name the controller's certificate is issued for").env(
        "SEXTANT_TLS_SERVER_NAME",
      ),
    )
    .option("--insecure", "allow plaintext to an address that is not on this machine")
    .option("--timeout <seconds>", "give up a call after this long", seconds, 10);
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 3_600) return value;
  throw new InvalidArgumentError("give a number of seconds above 0, at most 3600.");
}
