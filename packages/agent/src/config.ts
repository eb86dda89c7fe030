import { isIP } from "node:net";
import { type MetricsAddress, parseMetricsAddress } from "@sextant/metrics";
import { SextantError } from "@sextant/model";

/** Where the agent keeps its state unless told otherwise. */
export const DEFAULT_STATE_DIR = "/var/lib/sextant/agent";

export const HOOKS = ["tcx", "clsact"] as const;
/** Where the programs are attached: tcx (kernel 6.6 or newer), or the clsact qdisc of older ones. */
export type Hook = (typeof HOOKS)[number];

export const SWITCHES = ["on", "off"] as const;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** PEM files of a mutual TLS session. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** What the command line says; only host and controller are required. */
export interface AgentOptions {
  /** Name of the host node in the topology. */
  readonly host: string;
  /** `address:port`, `[v6]:port` or `unix:/path`. */
  readonly controller: string;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCa?: string | undefined;
  /** Name that the controller's certificate must carry, when it is not the address. */
  readonly tlsServerName?: string | undefined;
  /** Interfaces to steer on; when empty, those that carry a route to the SR domain's block. */
  readonly uplink?: readonly string[] | undefined;
  /** Names the pins and the state; unless given the host's name, with "-" for ".". */
  readonly instance?: string | undefined;
  readonly stateDir?: string | undefined;
  /** Directory of the cgroup v2 hierarchy that intents' cgroups are below; its root unless given. */
  readonly cgroupRoot?: string | undefined;
  /** Name servers, `ADDR`, `ADDR:PORT` or `[V6]:PORT`; those of /etc/resolv.conf when empty. */
  readonly dnsServer?: readonly string[] | undefined;
  /** YAML file that lists the keys to sign segment lists with. */
  readonly signingKeys?: string | undefined;
  /** Allows plaintext to a controller that is not on this machine. */
  readonly insecure?: boolean | undefined;
  /** `ADDR:PORT` or `[V6]:PORT` where metrics are served in plaintext; not served unless given. */
  readonly metrics?: string | undefined;
  readonly hook?: string | undefined;
  /** `on` unless given. */
  readonly tcpMoves?: string | undefined;
  readonly logLevel?: string | undefined;
}

/** Checked options with defaults filled in. */
export interface AgentConfig {
  readonly host: string;
  readonly controller: string;
  readonly tls: TlsFiles | undefined;
  readonly tlsServerName: string | undefined;
  readonly uplinks: readonly string[];
  readonly instance: string;
  readonly stateDir: string;
  readonly cgroupRoot: string | undefined;
  readonly dnsServers: readonly string[];
  readonly signingKeys: string | undefined;
  /** Undefined: metrics are not served. */
  readonly metrics: MetricsAddress | undefined;
  /** Undefined for the newest that the kernel has. */
  readonly hook: Hook | undefined;
  /** Whether TCP flows leave a list that swallows what they send. */
  readonly tcpMoves: boolean;
  readonly logLevel: LogLevel;
}

/** Checks options; throws SextantError `invalid_argument` that names the flag and what would be right. */
export function agentConfig(options: AgentOptions): AgentConfig {
  const tls = tlsFiles(options);
  checkController(options, tls);
  return {
    host: hostName(options.host),
    controller: options.controller,
    tls,
    tlsServerName: options.tlsServerName,
    uplinks: options.uplink ?? [],
    instance: instanceName(options.instance ?? options.host.replaceAll(".", "-")),
    stateDir: options.stateDir ?? DEFAULT_STATE_DIR,
    cgroupRoot: options.cgroupRoot,
    dnsServers: (options.dnsServer ?? []).map(dnsServer),
    signingKeys: options.signingKeys,
    metrics: options.metrics === undefined ? undefined : parseMetricsAddress(options.metrics),
    hook: options.hook === undefined ? undefined : oneOf("--hook", HOOKS, options.hook),
    tcpMoves: oneOf("--tcp-moves", SWITCHES, options.tcpMoves ?? "on") === "on",
    logLevel: oneOf("--log-level", LOG_LEVELS, options.logLevel ?? "info"),
  };
}

/** Checks the name of an instance: it becomes part of file names. Throws SextantError `invalid_argument`. */
export function instanceName(text: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text;
  throw invalid(`--instance ${JSON.stringify(text)}: expected 1 to 64 letters, digits, "_" or "-"`);
}

function hostName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) return text;
  throw invalid(`--host ${JSON.stringify(text)}: expected 1 to 63 letters, digits, ".", "_" or "-"`);
}

function dnsServer(text: string): string {
  const withPort = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const address = withPort?.[1] ?? withPort?.[2] ?? text;
  const port = Number(withPort?.[3] ?? 53);
  if (isIP(address) !== 0 && port >= 1 && port <= 65_535) return text;
  throw invalid(`--dns-server ${text}: expected an address, ADDR:PORT or [V6]:PORT`);
}

function oneOf<T extends string>(flag: string, values: readonly T[], text: string): T {
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw invalid(`${flag} ${text}: expected one of ${values.join(", ")}`);
  return value;
}

function tlsFiles({ tlsCert, tlsKey, tlsCa, insecure }: AgentOptions): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined || tlsCa === undefined) {
    throw invalid("--tls-cert, --tls-key and --tls-ca belong together: give all three");
  }
  if (insecure === true)
    throw invalid("--insecure contradicts --tls-cert, --tls-key and --tls-ca: give one or the other");
  return { certFile: tlsCert, keyFile: tlsKey, caFile: tlsCa };
}

function checkController({ controller, insecure }: AgentOptions, tls: TlsFiles | undefined): void {
  const address = /^unix:.+$/.test(controller) ? undefined : /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(controller);
  if (address === null || Number(address?.[2] ?? 1) > 65_535) {
    throw invalid(`--controller ${controller}: expected address:port, [address]:port or unix:/path`);
  }
  if (tls !== undefined || insecure === true || address === undefined || isLoopback(address[1] ?? "")) return;
  throw invalid(
    `--controller ${controller} is not on this machine: give --tls-cert, --tls-key and --tls-ca, or --insecure for plaintext`,
  );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function invalid(message: string): SextantError {
  return new SextantError("invalid_argument", message);
}
