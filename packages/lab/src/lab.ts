import type { ChildProcess, StdioOptions } from "node:child_process";
import { join } from "node:path";
import { type IpAddress, isIpv4, SextantError, type TopologyNode } from "@sextant/model";
import { bringUp, checkIgpDelay } from "./bring-up";
import { type Capture, type CaptureOptions, startCapture } from "./capture";
import { type TlsFiles, tlsFiles } from "./certificates";
import {
  controllerAddress,
  controllerSocket,
  daemonDirectory,
  daemonLog,
  type DaemonName,
  signalDaemon,
  startAgent,
  startController,
  stopDaemon,
} from "./daemons/daemons";
import { type ExecOptions, execInNode, type ExecResult, type Place, spawnInNode } from "./exec";
import { redefineAlgorithms } from "./igp/redefine";
import { type LabUpOptions, throwIfAborted } from "./lab-options";
import { bounded } from "./kernel/bounded";
import { agentInstance, labName } from "./names";
import { type LinkCounters, readLinkCounters } from "./network/counters";
import { type DelayLineCounters, delayLineCounters } from "./network/delay-line";
import { applyLinkChange, directionFrom, findLink } from "./network/link-change";
import { DIRECTIONS, type Direction } from "./network/link-settings";
import { setSignaturePolicy, setSigningKey, type SignaturePolicy } from "./network/signatures";
import { portsOf } from "./network/wire-lines";
import { addWorkload, type WorkloadOptions, workloadNamespace } from "./network/workloads";
import { noSuchLab, openPlan } from "./open-plan";
import type { LabNode, LabPlan } from "./plan";
import { labDirectories, labDirectory } from "./state/directory";
import { removeStaleProbes, requireRoot } from "./requirements";
import { isLabLocked, withLabLock } from "./state/lab-lock";
import { type LabState, readLabSettings, readLabState, writeLabSettings } from "./state/lab-state";
import { type LabStatus, readStatus } from "./status";
import {
  type NodeSpawner,
  startTcp,
  startUdpStream,
  type TcpOptions,
  type TcpTraffic,
  type UdpStream,
  type UdpStreamOptions,
} from "./traffic/traffic";
import { labCondition, tearDown } from "./tear-down";

/** Of controller and agents in a lab. */
const METRICS_PORT = 9464;

/** Names a link by its two nodes, and by its own name where several join them. */
export interface LinkName {
  readonly a: string;
  readonly b: string;
  readonly link?: string | undefined;
}

/** What to emulate on a link; absent fields stay as they are. */
export interface LinkShape {
  readonly delayUs?: number | undefined;
  readonly lossPpm?: number | undefined;
  /** 0 takes the limit away. */
  readonly rateMbps?: number | undefined;
}

/** What a link is: `LinkShape` and the size of its packets, 1280 to 9000 (links of hosts: from 1500), the same both ways. */
export interface LinkProperties extends LinkShape {
  readonly mtu?: number | undefined;
}

/** What the delay line did to one direction of a link. */
export type DirectionCounters = DelayLineCounters & { readonly link: string; readonly direction: Direction };

type DaemonOptions = Pick<LabUpOptions, "onProgress" | "signal" | "metrics">;

/** A running network in namespaces. Any number of processes may hold one; nothing is cached that another may change. */
export class Lab implements AsyncDisposable {
  private constructor(readonly plan: LabPlan) {}

  /** Builds a lab, with its daemons if asked for, or fails with nothing left behind; see `bringUp`. */
  static async up(options: LabUpOptions): Promise<Lab> {
    const lab = await Lab.open(await bringUp(options));
    if (options.daemons !== true) return lab;
    try {
      await lab.startDaemons(options);
      return lab;
    } catch (thrown) {
      await lab.down();
      throw thrown;
    }
  }

  /** A lab that is up. Throws SextantError `not_found`; the remains of a crashed one are removed on the way. */
  static async open(name: string): Promise<Lab> {
    const lab = labName(name);
    requireRoot();
    await removeLeftover(lab);
    if (readLabState(lab)?.phase !== "running") throw noSuchLab(lab);
    return new Lab(openPlan(lab));
  }

  /** Names of the labs that are up; the remains of crashed ones are removed on the way. */
  static async list(): Promise<string[]> {
    requireRoot();
    const names = labDirectories();
    for (const name of names) await removeLeftover(name);
    return names.filter((name) => readLabState(name)?.phase === "running");
  }

  /** Removes a lab by its name, whatever state it is in; says whether there was anything. */
  static async down(name: string): Promise<boolean> {
    const lab = labName(name);
    requireRoot();
    await removeStaleProbes();
    return withLabLock(lab, async () => {
      const there = labCondition(lab) !== "absent";
      await tearDown(lab);
      return there;
    });
  }

  get name(): string {
    return this.plan.name;
  }

  /** Directory of logs, certificates and sockets. */
  get directory(): string {
    return labDirectory(this.name);
  }

  get hosts(): readonly TopologyNode[] {
    return this.plan.topology.nodes.filter((node) => node.kind === "host");
  }

  /** Removes the lab. */
  async down(): Promise<void> {
    await Lab.down(this.name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  status(): Promise<LabStatus> {
    return readStatus(this.name);
  }

  /** What the kernel counted at both ends of every link, by link name. */
  linkCounters(): Promise<ReadonlyMap<string, LinkCounters>> {
    return readLinkCounters(this.plan);
  }

  /** What the delay line did to each direction that it carries; empty on kernels with netem. */
  async delayLineCounters(): Promise<readonly DirectionCounters[]> {
    if (this.#state().delayLine === undefined) return [];
    const counters = await delayLineCounters(this.name);
    return [...this.plan.links.values()].flatMap((link) =>
      DIRECTIONS.flatMap((direction) => {
        const { from, to } = portsOf(link, direction);
        const counted = counters.find((candidate) => candidate.from === from && candidate.to === to);
        return counted === undefined ? [] : [{ ...counted, link: link.link.name, direction }];
      }),
    );
  }

  /** Takes carrier from both ends, as a cut fibre does. */
  linkDown(link: LinkName): Promise<void> {
    return applyLinkChange(this.plan, this.#link(link), { kind: "down" });
  }

  linkUp(link: LinkName): Promise<void> {
    return applyLinkChange(this.plan, this.#link(link), { kind: "up" });
  }

  /** Lets packets vanish with carrier up; `from` names the node whose packets, both directions when absent. */
  linkBlackhole(link: LinkName, from?: string): Promise<void> {
    const change = { kind: "blackhole", directions: this.#directions(link, from) } as const;
    return applyLinkChange(this.plan, this.#link(link), change);
  }

  linkRestore(link: LinkName, from?: string): Promise<void> {
    const change = { kind: "restore", directions: this.#directions(link, from) } as const;
    return applyLinkChange(this.plan, this.#link(link), change);
  }

  /** Changes delay, loss and rate, in one direction or (without `from`) in both, and the MTU in both. */
  async linkSet(link: LinkName, { mtu, ...shape }: LinkProperties, from?: string): Promise<void> {
    if (mtu !== undefined) await applyLinkChange(this.plan, this.#link(link), { kind: "mtu", mtu });
    if (Object.values(shape).every((value) => value === undefined)) return;
    const change = { kind: "shape", directions: this.#directions(link, from), ...shape } as const;
    await applyLinkChange(this.plan, this.#link(link), change);
  }

  /** Time from a change of carrier to new routes; holds for changes from now on. */
  async setIgpDelay(ms: number): Promise<void> {
    checkIgpDelay(ms);
    await withLabLock(this.name, () => {
      const settings = readLabSettings(this.name);
      if (settings === undefined) throw noSuchLab(this.name);
      writeLabSettings(this.name, { ...settings, igpDelayMs: ms });
      return Promise.resolve();
    });
  }

  /** Defines flexible algorithms anew, as the topology of a text has them; their names, numbers and blocks stay. */
  redefineAlgorithms(topologyText: string): Promise<void> {
    return redefineAlgorithms(this.plan, topologyText);
  }

  /** Gives nodes (all by default) a key for signed segment lists; without a secret they lose it. */
  async setSigningKey(keyId: number, secret?: string, nodes: readonly string[] = this.#names()): Promise<void> {
    await bounded(nodes, (name) => setSigningKey(this.#node(name), keyId, secret));
  }

  /** What nodes (all routers by default) do with segment lists that are signed wrong, or not at all. */
  async setSignaturePolicy(policy: SignaturePolicy, nodes: readonly string[] = this.#names("router")): Promise<void> {
    await bounded(nodes, (name) => setSignaturePolicy(this.#node(name), policy));
  }

  /** Makes a workload behind a host; `HOST+NAME` then names it where a node's name is asked for, and it goes with the lab. */
  async addWorkload(options: WorkloadOptions): Promise<string> {
    await addWorkload(this.#node(options.host), options);
    return `${options.host}+${options.name}`;
  }

  /** Name of the namespace of a node or workload. */
  namespaceOf(place: string): string {
    return this.#place(place).namespace;
  }

  /** Name of the interface of a link at one of its nodes. */
  interfaceOf(node: string, link: LinkName): string {
    const { a, b } = this.#link(link);
    const end = [a, b].find((candidate) => candidate.node === node);
    if (end === undefined) throw new SextantError("not_found", `${node} is no end of the link ${link.a} ${link.b}`);
    return end.interfaceName;
  }

  /** Runs a command in a node or workload (on hosts: in a cgroup below their own) to its end and gives what it said. */
  exec(node: string, argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return execInNode(this.#state(), this.#place(node), argv, options);
  }

  /** Starts a command in a node's namespace; the caller ends it. */
  spawn(node: string, argv: readonly string[], options: ExecOptions & { stdio?: StdioOptions } = {}): ChildProcess {
    return spawnInNode(this.#state(), this.#place(node), argv, options);
  }

  /** Captures on a node's interface, or at its end of a link. Returns once packets are seen. */
  capture(node: string, where: string | LinkName, options: CaptureOptions = {}): Promise<Capture> {
    const name = typeof where === "string" ? where : this.interfaceOf(node, where);
    return startCapture(this.namespaceOf(node), name, options);
  }

  /** Sends numbered UDP packets from a host to another (to `address`, or its first IPv6 one); returns once they flow. */
  startUdpStream(options: Omit<UdpStreamOptions, "address"> & { address?: string }): Promise<UdpStream> {
    return startUdpStream(this.#spawner(), { ...options, address: options.address ?? this.addressOf(options.to) });
  }

  /** TCP from a host to another, as `startUdpStream`. */
  startTcp(options: Omit<TcpOptions, "address"> & { address?: string }): Promise<TcpTraffic> {
    return startTcp(this.#spawner(), { ...options, address: options.address ?? this.addressOf(options.to) });
  }

  /** The first address of a node in a family: the source of its own packets. Throws SextantError `not_found` without one. */
  addressOf(node: string, family: 4 | 6 = 6): IpAddress {
    const address = this.#node(node).loopback.find((candidate) => isIpv4(candidate) === (family === 4));
    if (address === undefined) throw new SextantError("not_found", `${node} has no IPv${family} address`);
    return address;
  }

  /** `[address]:port` for the metrics of a host's agent, or (without `host`) of the controller, on the management network. */
  metricsAddress(host?: string): string {
    const address = host === undefined ? this.plan.management.controller : this.#node(host).management;
    if (address !== undefined) return `[${address}]:${METRICS_PORT}`;
    throw new SextantError("invalid_argument", `${host ?? ""} is a router: agents run on hosts`);
  }

  /** Starts the controller and waits until it accepts connections; `flags` are added to its command line. */
  startController(flags: readonly string[] = []): Promise<void> {
    return startController(this.plan, this.#state(), flags);
  }

  /** Starts the agent of a host; `flags` are added to its command line. */
  startAgent(host: string, flags: readonly string[] = []): Promise<void> {
    const node = this.#node(host);
    if (node.node.kind === "host") return startAgent(this.plan, this.#state(), node, flags);
    throw new SextantError("invalid_argument", `${host} is a router: agents run on hosts`);
  }

  /** The controller and the agents of all hosts. An abort ends it between two of them. */
  async startDaemons({ onProgress, signal, metrics }: DaemonOptions = {}): Promise<void> {
    const flags = (host?: string) => (metrics === true ? ["--metrics", this.metricsAddress(host)] : []);
    onProgress?.("controller");
    await this.startController(flags());
    for (const { name } of this.hosts) {
      throwIfAborted(signal);
      onProgress?.(`agent of ${name}`);
      await this.startAgent(name, flags(name));
    }
    throwIfAborted(signal);
  }

  stopController(): Promise<void> {
    return stopDaemon(this.name, { controller: true });
  }

  stopAgent(host: string): Promise<void> {
    return stopDaemon(this.name, { agent: host });
  }

  killController(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    return signalDaemon(this.name, { controller: true }, signal);
  }

  killAgent(host: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    return signalDaemon(this.name, { agent: host }, signal);
  }

  daemonLog(name: DaemonName): string {
    return daemonLog(this.name, name);
  }

  daemonDirectory(name: DaemonName): string {
    return daemonDirectory(this.name, name);
  }

  /** Unix socket of the controller's operator API. */
  get controllerSocket(): string {
    return controllerSocket(this.name);
  }

  /** Address of the controller on the management network. */
  get controllerAddress(): string {
    return controllerAddress(this.plan);
  }

  /** Certificate files of `controller`, `operator` or a host. */
  tlsFiles(party: string): TlsFiles {
    return tlsFiles(join(this.directory, "tls"), party);
  }

  /** Instance name of a host's agent: the directory of its pins on bpffs. */
  agentInstance(host: string): string {
    return agentInstance(this.name, host);
  }

  #spawner(): NodeSpawner {
    return (node, argv, cgroup) => this.spawn(node, argv, { cgroup, stdio: ["ignore", "pipe", "pipe"] });
  }

  #state(): LabState {
    const state = readLabState(this.name);
    if (state === undefined) throw noSuchLab(this.name);
    return state;
  }

  #node(name: string): LabNode {
    const node = this.plan.nodes.get(name);
    if (node === undefined) throw new SextantError("not_found", `no node "${name}" in lab "${this.name}"`);
    return node;
  }

  #names(kind?: TopologyNode["kind"]): string[] {
    return this.plan.topology.nodes.filter((node) => kind === undefined || node.kind === kind).map(({ name }) => name);
  }

  /** Where commands run: a node, or a workload, which runs on its host and in a namespace of its own. */
  #place(name: string): Place {
    const [host = "", workload] = name.split("+");
    const node = this.#node(host);
    return workload === undefined ? node : { node: node.node, namespace: workloadNamespace(node, workload) };
  }

  #link({ a, b, link }: LinkName) {
    return findLink(this.plan, a, b, link);
  }

  #directions(name: LinkName, from: string | undefined): readonly Direction[] {
    return from === undefined ? DIRECTIONS : [directionFrom(this.#link(name), from)];
  }
}

/** Removes what a crashed run left; a lab that another process is building is left alone. */
async function removeLeftover(lab: string): Promise<void> {
  if (labCondition(lab) !== "leftover" || (await isLabLocked(lab))) return;
  await withLabLock(lab, async () => {
    if (labCondition(lab) === "leftover") await tearDown(lab);
  });
}
