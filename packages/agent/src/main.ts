import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type MetricsServer, serveMetrics } from "@sextant/metrics";
import { DEFAULT_HOST_SETTINGS } from "@sextant/model";
import { destination, type Logger, pino } from "pino";
import { Agent } from "./agent";
import { KernelDataPlane } from "./bpf/kernel-data-plane";
import { type AgentConfig, agentConfig, type AgentOptions } from "./config";
import { sessionCredentials } from "./edge/credentials";
import { Cgroups } from "./net/cgroups";
import { dnsQuery } from "./net/dns-query";
import { DnsResolver } from "./net/dns-resolver";
import { Host } from "./net/host";
import { HostNetwork, type NetworkEvent } from "./net/host-network";
import { Prober } from "./net/prober";
import { SigningKeys } from "./net/signing-keys";
import { Users } from "./net/users";
import type { DataPlane } from "./reconcile/data-plane";
import { Keeper } from "./keeper";
import { AgentInstruments } from "./metrics/agent-instruments";
import { type AgentExports, agentSources } from "./metrics/agent-sources";
import { type InstanceLock, lockInstance } from "./state/instance-lock";
import { serveLivePaths } from "./state/live-paths";
import { StateFile, statePath } from "./state/state-file";

/** An agent at work. */
export interface RunningAgent {
  readonly config: AgentConfig;
  /** Ends the process's part; programs, maps and steering stay as they are. */
  close(): Promise<void>;
}

/**
 * Runs the agent of this host: takes over what is pinned, installs the desired state from disk, steers and probes, and
 * keeps a session with the controller. Resolves when it is at work, whether or not a controller answers. Throws
 * SextantError `invalid_argument`, `store_locked` (another agent of the instance), `permission_denied`,
 * `missing_privilege`, `missing_kernel_feature`, `missing_program`, `conflict` or `not_found`, each with what to do.
 */
export async function runAgent(options: AgentOptions): Promise<RunningAgent> {
  const config = agentConfig(options);
  sessionCredentials(config); // Unreadable certificates are told now, not at the first dial.
  const log = pino({ level: config.logLevel, base: { host: config.host } }, destination({ dest: 2, sync: true }));
  const cgroups = Cgroups.open(config.cgroupRoot);
  const lock = await lockInstance(config.stateDir, config.instance);
  try {
    const { instance, hook, tcpMoves } = config;
    const plane = KernelDataPlane.open({ instance, tcpMoves, ...(hook === undefined ? {} : { hook }) });
    return await assemble(config, { log, cgroups, lock, plane });
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

interface Parts {
  readonly log: Logger;
  readonly cgroups: Cgroups;
  readonly lock: InstanceLock;
  readonly plane: DataPlane;
}

async function assemble(config: AgentConfig, { log, cgroups, lock, plane }: Parts): Promise<RunningAgent> {
  const nowMs = () => performance.now();
  const running: { agent?: Agent } = {};
  const onChange = () => void running.agent?.tick();
  const onEvent = (event: NetworkEvent) => logEvent(log, event);
  const network = new HostNetwork({ plane, uplinks: config.uplinks, onEvent, onChange });
  const names = new DnsResolver({ query: dnsQuery(config.dnsServers), nowMs, random: Math.random, onChange });
  const keys = new SigningKeys(config.signingKeys, (problem) =>
    log.warn({ stage: "install", problem }, "signing keys"),
  );
  const machine = new Host({ network, cgroups, users: new Users(), names, keys });
  const keeper = new Keeper({
    host: config.host,
    defaults: DEFAULT_HOST_SETTINGS,
    plane,
    machine,
    file: new StateFile(statePath(config.stateDir, config.instance)),
    log,
    nowMs,
    newNonce: () => randomBytes(8).readBigUInt64LE(),
  });
  const prober = new Prober();
  const version = agentVersion();
  const instruments = config.metrics && new AgentInstruments(config.host, nowMs);
  const agent = new Agent({
    config,
    version,
    kernelRelease: release(),
    plane,
    keeper,
    prober,
    network,
    keys,
    log,
    nowMs,
    random: Math.random,
    ...(instruments && { instruments }),
  });
  running.agent = agent;
  const sources = { host: config.host, version, agent, keeper };
  const closeParts = () => {
    network.close();
    names.close();
    prober.close();
    plane.close();
  };
  const { metricsAddress, stopServing } = await serve(config, instruments, sources).catch((thrown: unknown) => {
    closeParts();
    throw thrown;
  });
  await agent.start();
  log.info({ stage: "install", instance: config.instance, version, metricsAddress }, "agent at work");
  return {
    config,
    close: async () => {
      await agent.stop();
      await stopServing();
      closeParts();
      lock.release();
      log.info({ stage: "install" }, "agent stopped, forwarding goes on");
    },
  };
}

/** Tells those who ask: people on this machine, and Prometheus. */
async function serve(
  config: AgentConfig,
  instruments: AgentInstruments | undefined,
  parts: Omit<AgentExports, "instruments"> & { readonly agent: Pick<Agent, "livePaths"> },
): Promise<{ readonly metricsAddress: string | undefined; readonly stopServing: () => Promise<void> }> {
  const live = await serveLivePaths(config.instance, () => parts.agent.livePaths);
  try {
    const metrics = await serveAgentMetrics(config, instruments, parts);
    const stopServing = async () => {
      await metrics?.close();
      await live.close();
    };
    return { metricsAddress: metrics?.address, stopServing };
  } catch (thrown) {
    await live.close();
    throw thrown;
  }
}

/** Nothing when it is not asked for. */
async function serveAgentMetrics(
  { metrics }: AgentConfig,
  instruments: AgentInstruments | undefined,
  parts: Omit<AgentExports, "instruments">,
): Promise<MetricsServer | undefined> {
  if (metrics === undefined || instruments === undefined) return undefined;
  const sources = () => agentSources({ ...parts, instruments });
  return serveMetrics(metrics, { sources, registry: instruments.registry });
}

function logEvent(log: Logger, { event, uplink, detail }: NetworkEvent): void {
  const fields = { stage: "install", event, uplink, ...(detail === undefined ? {} : { detail }) };
  if (event === "uplink_attached" || event === "uplink_detached") log.info(fields, "uplink changed");
  else log.warn(fields, "uplink needs attention");
}

function agentVersion(): string {
  const description = readFileSync(join(__dirname, "..", "package.json"), "utf8");
  return (JSON.parse(description) as { version: string }).version;
}
