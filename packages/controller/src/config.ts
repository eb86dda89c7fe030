import { HOST_SETTING_BOUNDS, type HostSettings, SextantError } from "@sextant/model";
import { type MetricsAddress, parseMetricsAddress } from "@sextant/metrics";
import type { ListenAddress } from "./edge/listen-address";
import { isLoopback, parseListenAddress } from "./edge/listen-address";
import type { StoreConfig } from "./store/open-store";

/** How a controller is started: the flags of `sextant controller`, as written. Every field has a default. */
export interface ControllerOptions {
  /** Directory of the embedded store. Default /var/lib/sextant/controller. */
  readonly dataDir?: string;
  /** `ADDR:PORT`, `[ADDR]:PORT` or `unix:PATH`. Default 127.0.0.1:7443. Port 0 takes any free one. */
  readonly listen?: readonly string[];
  /** `ADDR:PORT` or `[ADDR]:PORT` where metrics are served in plaintext; not served unless given. Port 0 takes any free one. */
  readonly metrics?: string;
  /** PEM files: the controller's certificate and key, and the authority of its clients. All three or none. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
  /** Allows plaintext off loopback. Default false. */
  readonly insecure?: boolean;
  /** `level`, the embedded store, or `redis://...`. Default level. */
  readonly store?: string;
  /** The term is this or more: above what hosts have seen of a store that was lost. Default 1. */
  readonly minTerm?: number;
  /** Of pino: trace, debug, info, warn, error, fatal, silent. Default info. */
  readonly logLevel?: string;
  /** Default 100. */
  readonly probeIntervalMs?: number;
  /** Default 3. */
  readonly probeMultiplier?: number;
  /** Default 1000. */
  readonly reportIntervalMs?: number;
  /** Most agents at a time. Default 10,000. */
  readonly maxSessions?: number;
  /** Most open watches at a time. Default 256. */
  readonly maxWatchers?: number;
  /** Most resources in one answer; a watch sends any number. Default 5,000. */
  readonly maxResources?: number;
}

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Checked options. */
export interface ControllerConfig {
  readonly store: StoreConfig;
  readonly listen: readonly ListenAddress[];
  /** Used by every TCP listener when given; unix sockets are plaintext and open to their owner alone. */
  readonly tls: TlsFiles | undefined;
  /** Undefined: metrics are not served. */
  readonly metrics: MetricsAddress | undefined;
  readonly minTerm: bigint;
  readonly logLevel: string;
  readonly settings: HostSettings;
  readonly maxSessions: number;
  readonly maxWatchers: number;
  readonly maxResources: number;
}

export const DEFAULT_DATA_DIR = "/var/lib/sextant/controller";
export const DEFAULT_LISTEN = "127.0.0.1:7443";
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/** Checks options and fills in defaults; SextantError `invalid_argument` names the flag to change. */
export function parseConfig(options: ControllerOptions): ControllerConfig {
  const listen = (options.listen ?? [DEFAULT_LISTEN]).map(parseListenAddress);
  const tls = tlsFiles(options);
  requireTrust(listen, tls, options.insecure ?? false);
  const logLevel = options.logLevel ?? "info";
  if (!LOG_LEVELS.includes(logLevel)) throw invalid(`--log-level ${logLevel}: use ${LOG_LEVELS.join(", ")}`);
  return {
    store: storeConfig(options),
    listen,
    tls,
    metrics: options.metrics === undefined ? undefined : parseMetricsAddress(options.metrics),
    minTerm: BigInt(within("--min-term", options.minTerm ?? 1, 1, Number.MAX_SAFE_INTEGER)),
    logLevel,
    settings: {
      probeIntervalMs: hostSetting("probeIntervalMs", "--probe-interval-ms", options),
      probeMultiplier: hostSetting("probeMultiplier", "--probe-multiplier", options),
      reportIntervalMs: hostSetting("reportIntervalMs", "--report-interval-ms", options),
    },
    maxSessions: within("maxSessions", options.maxSessions ?? 10_000, 1, 1_000_000),
    maxWatchers: within("maxWatchers", options.maxWatchers ?? 256, 1, 100_000),
    maxResources: within("maxResources", options.maxResources ?? 5_000, 1, 1_000_000),
  };
}

function storeConfig({ store = "level", dataDir = DEFAULT_DATA_DIR }: ControllerOptions): StoreConfig {
  if (store === "level") return { kind: "level", dir: dataDir };
  if (/^(rediss?:\/\/.|redis\+unix:\/\/\/.)/.test(store) && URL.canParse(store)) return { kind: "redis", url: store };
  throw invalid("--store: use level, redis://HOST:PORT/DB, rediss://... or redis+unix:///PATH");
}

function tlsFiles({ tlsCert, tlsKey, tlsCa }: ControllerOptions): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return undefined;
  if (tlsCert !== undefined && tlsKey !== undefined && tlsCa !== undefined) {
    return { cert: tlsCert, key: tlsKey, ca: tlsCa };
  }
  throw invalid("--tls-cert, --tls-key and --tls-ca belong together: give all three");
}

function requireTrust(listen: readonly ListenAddress[], tls: TlsFiles | undefined, insecure: boolean): void {
  if (listen.length === 0) throw invalid("--listen: at least one address is needed");
  if (tls !== undefined && insecure) throw invalid("--insecure and --tls-cert contradict one another: drop one");
  const open = listen.find((address) => !isLoopback(address));
  if (open === undefined || tls !== undefined || insecure) return;
  throw invalid(
    `--listen ${open.text} is not loopback: give --tls-cert, --tls-key and --tls-ca, or accept plaintext with --insecure`,
  );
}

function hostSetting(name: keyof HostSettings, flag: string, options: ControllerOptions): number {
  const { min, max, fallback } = HOST_SETTING_BOUNDS[name];
  return within(flag, options[name] ?? fallback, min, max);
}

function within(flag: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(`${flag} ${value}: use an integer from ${min} to ${max}`);
}

function invalid(message: string): SextantError {
  return new SextantError("invalid_argument", message);
}
