import { mkdirSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { CONTROLLER_DNS_NAME, tlsFiles } from "../certificates";
import { ensureCgroup } from "../kernel/cgroups";
import { inNamespace } from "../kernel/namespaces";
import { poll } from "../kernel/poll";
import { endProcesses, isAlive, type ProcessIdentity, signalProcess } from "../kernel/processes";
import { spawnDaemon, tail } from "../kernel/spawn-daemon";
import { agentInstance } from "../names";
import type { LabNode, LabPlan } from "../plan";
import { labDirectory } from "../state/directory";
import { type LabDaemons, type LabState, readLabDaemons, writeLabDaemons } from "../state/lab-state";

/** Port of the controller on the management network. */
const CONTROLLER_PORT = 7443;
const READY_MS = 20_000;
const POLL_MS = 20;

/** Which daemon: the controller, or the agent of a host. */
export type DaemonName = { readonly controller: true } | { readonly agent: string };

/** Unix socket of the lab's controller: reached from any namespace, plaintext. */
export function controllerSocket(lab: string): string {
  return join(labDirectory(lab), "controller.sock");
}

/** `[address]:port` of the controller for agents and for operators inside the management namespace. */
export function controllerAddress(plan: LabPlan): string {
  return `[${plan.management.controller}]:${CONTROLLER_PORT}`;
}

/** Log file of a daemon. */
export function daemonLog(lab: string, name: DaemonName): string {
  return join(labDirectory(lab), "agent" in name ? `agent-${name.agent}.log` : "controller.log");
}

/** Directory where a daemon keeps its state; it outlives the daemon, not the lab. */
export function daemonDirectory(lab: string, name: DaemonName): string {
  return join(labDirectory(lab), "agent" in name ? `agent-${name.agent}` : "controller");
}

/**
 * Starts the controller in the management namespace, mutual TLS on its address and plaintext on a unix socket, and waits until it
 * accepts. Throws SextantError `lab_failed` with the end of its log when it does not.
 */
export async function startController(plan: LabPlan, state: LabState, flags: readonly string[]): Promise<void> {
  const name = { controller: true } as const;
  const lab = plan.name;
  const tls = tlsFiles(join(labDirectory(lab), "tls"), "controller");
  const socket = controllerSocket(lab);
  const args = [
    "controller",
    ...["--data-dir", daemonDirectory(lab, name), "--listen", controllerAddress(plan), "--listen", `unix:${socket}`],
    ...["--tls-cert", tls.certFile, "--tls-key", tls.keyFile, "--tls-ca", tls.caFile],
    ...flags,
  ];
  const identity = await start(plan.management.namespace, state, name, args);
  await waitFor(lab, name, identity, () => accepts(socket));
}

/**
 * Starts the agent of a host in the host's namespace and waits until it says that it is at work, which it is without a controller
 * too: its session comes later and by itself. Throws SextantError `lab_failed` with the end of its log when it ends instead.
 */
export async function startAgent(
  plan: LabPlan,
  state: LabState,
  { node, namespace, ends }: LabNode,
  flags: readonly string[],
): Promise<void> {
  const name = { agent: node.name };
  const lab = plan.name;
  const tls = tlsFiles(join(labDirectory(lab), "tls"), node.name);
  const args = [
    ...["agent", "run", "--host", node.name, "--controller", controllerAddress(plan)],
    ...["--tls-cert", tls.certFile, "--tls-key", tls.keyFile, "--tls-ca", tls.caFile],
    ...["--tls-server-name", CONTROLLER_DNS_NAME],
    ...ends.flatMap((end) => ["--uplink", end.interfaceName]),
    ...["--instance", agentInstance(lab, node.name), "--state-dir", daemonDirectory(lab, name)],
    ...["--cgroup-root", ensureCgroup(state.cgroupRoot, node.name)],
    ...(state.signingKeysFile === undefined ? [] : ["--signing-keys", state.signingKeysFile]),
    ...flags,
  ];
  const logged = sizeOf(daemonLog(lab, name));
  const identity = await start(namespace, state, name, args);
  await waitFor(lab, name, identity, () => Promise.resolve(saysReady(daemonLog(lab, name), logged)));
}

/** Ends a daemon: SIGTERM, SIGKILL when it does not go. One that does not run is fine. */
export async function stopDaemon(lab: string, name: DaemonName): Promise<void> {
  const identity = identityOf(readLabDaemons(lab), name);
  if (identity !== undefined) await endProcesses([identity]);
  record(lab, name, undefined);
}

/** Sends a daemon a signal, and for SIGKILL waits until it is gone. Throws SextantError `not_found` when it does not run. */
export async function signalDaemon(lab: string, name: DaemonName, signal: NodeJS.Signals): Promise<void> {
  const identity = identityOf(readLabDaemons(lab), name);
  if (identity === undefined || !signalProcess(identity, signal)) {
    throw new SextantError("not_found", `no ${describe(name)} runs in lab "${lab}"`);
  }
  if (signal === "SIGKILL") await endProcesses([identity]);
}

/** Identity of a daemon that runs; undefined otherwise. */
function runningDaemon(lab: string, name: DaemonName): ProcessIdentity | undefined {
  const identity = identityOf(readLabDaemons(lab), name);
  return identity !== undefined && isAlive(identity) ? identity : undefined;
}

async function start(
  namespace: string,
  state: LabState,
  name: DaemonName,
  args: readonly string[],
): Promise<ProcessIdentity> {
  const lab = state.name;
  if (state.sextantCommand.length === 0) {
    throw new SextantError(
      "invalid_argument",
      "this lab was started without a command for its daemons (sextantCommand)",
    );
  }
  if (runningDaemon(lab, name) !== undefined) {
    throw new SextantError("invalid_argument", `the ${describe(name)} of lab "${lab}" runs already`);
  }
  mkdirSync(daemonDirectory(lab, name), { recursive: true, mode: 0o700 });
  const command = inNamespace(namespace, [...state.sextantCommand, ...args]);
  const { identity } = await spawnDaemon(command, daemonLog(lab, name));
  record(lab, name, identity);
  return identity;
}

async function waitFor(
  lab: string,
  name: DaemonName,
  identity: ProcessIdentity,
  ready: () => Promise<boolean>,
): Promise<void> {
  const answer = await poll(
    async () => ((await ready()) ? "ready" : isAlive(identity) ? undefined : "ended"),
    READY_MS,
    POLL_MS,
  );
  if (answer === "ready") return;
  const log = daemonLog(lab, name);
  throw new SextantError("lab_failed", `the ${describe(name)} did not start, see ${log}:\n${tail(log)}`);
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => done(true)).once("error", () => done(false));
  });
}

/** The line that an agent prints once programs and maps are in place. */
function saysReady(log: string, offset: number): boolean {
  return readFileSync(log).subarray(offset).toString("utf8").includes("sextant agent ready");
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function identityOf(daemons: LabDaemons, name: DaemonName): ProcessIdentity | undefined {
  return "agent" in name ? daemons.agents[name.agent] : daemons.controller;
}

function record(lab: string, name: DaemonName, identity: ProcessIdentity | undefined): void {
  const daemons = readLabDaemons(lab);
  if (!("agent" in name)) {
    writeLabDaemons(lab, { ...daemons, controller: identity });
    return;
  }
  const others = Object.entries(daemons.agents).filter(([host]) => host !== name.agent);
  const agents = Object.fromEntries([...others, ...(identity === undefined ? [] : [[name.agent, identity] as const])]);
  writeLabDaemons(lab, { ...daemons, agents });
}

function describe(name: DaemonName): string {
  return "agent" in name ? `agent of ${name.agent}` : "controller";
}
