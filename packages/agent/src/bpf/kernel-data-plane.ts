import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type IpPrefix, type Ipv6Prefix, SextantError } from "@sextant/model";
import type {
  DataPlane,
  HostConfig,
  KernelDestination,
  KernelKey,
  KernelList,
  KernelPolicy,
  KernelSender,
  ListDemand,
  ListObservation,
  ProbeCounters,
  TcpCounters,
  Traffic,
} from "../reconcile/data-plane";
import { CgroupHook, SOCKET_CREATION, TCP_TIMEOUTS } from "./cgroup-hook";
import { ClsactHook } from "./clsact-hook";
import type { Hook, HookKind, ProgramFds } from "./hook";
import type { MonotonicClock } from "./index-pool";
import { KERNEL_LIMITS } from "./kernel-limits";
import { KernelTables } from "./kernel-tables";
import { missing } from "./load-failure";
import { netnsCookie } from "./netns-cookie";
import { loadPacketPath, NO_PROGRAMS, openPinnedMaps, type PacketPath } from "./packet-path";
import { PinDirectory } from "./pin-directory";
import { TcxHook, tcxIsSupported } from "./tcx-hook";

/** Where `make build` puts the programs, seen from this file's folder in src and in dist alike. */
export const BUILT_OBJECTS = join(__dirname, "..", "..", "build", "bpf");

export interface KernelDataPlaneOptions {
  /** Names the pins: one instance per host namespace. */
  readonly instance: string;
  /** Folder of the compiled programs; by default where the build leaves them. */
  readonly objectDirectory?: string;
  /** By default tcx where the kernel has it, else clsact. */
  readonly hook?: HookKind;
  /** TCP flows leave a list that swallows what they send; by default they do. */
  readonly tcpMoves?: boolean;
  /** When an index may be used again is measured with it. */
  readonly nowMs?: MonotonicClock;
}

/**
 * The packet path in the kernel. Maps and attachments are pinned under /sys/fs/bpf/sextant/<instance>: they go on without the
 * process, and the next one takes them over, counters included. Interfaces are those of the calling thread's namespace.
 */
export class KernelDataPlane implements DataPlane {
  readonly limits = KERNEL_LIMITS;
  private isOpen = true;

  private constructor(
    private readonly path: Pick<PacketPath, "close">,
    private readonly tables: KernelTables,
    private readonly hook: Hook,
    readonly features: DataPlane["features"],
    /** Why this kernel offers less than `features` could say. */
    readonly refusals: readonly SextantError[],
  ) {}

  /**
   * Loads the programs, takes over what an earlier process has pinned, and puts the new programs in place of the old ones.
   * Throws SextantError `missing_privilege`, `missing_program` (libbpf), `missing_kernel_feature`, `not_found` (not built),
   * `conflict` (pinned maps of another layout), `invalid_argument` (instance name).
   */
  static open(options: KernelDataPlaneOptions): KernelDataPlane {
    const pins = PinDirectory.ofInstance(options.instance);
    for (const folder of ["maps", "links", "classifiers", "sockets"]) pins.child(folder).create();
    const path = loadPacketPath(options.objectDirectory ?? BUILT_OBJECTS, pins.child("maps"));
    try {
      const tables = new KernelTables(path.maps, path.cpus, options.nowMs ?? (() => performance.now()));
      const cookie = netnsCookie();
      if (cookie !== undefined) tables.config.writeNetnsCookie(cookie);
      const { sockets, timeouts } = socketHooks(pins);
      const socketRefusal = watch(sockets, path.socketProgram, cookie);
      const stallRefusal = watch(timeouts, options.tcpMoves === false ? undefined : path.stallProgram, cookie);
      const hooks = hooksOf(pins, path.programs);
      const kind = chooseHook(options.hook, path.programs);
      // New programs may remember decisions otherwise than old ones, which go on remembering until they are replaced.
      tables.config.advanceEpoch();
      takeOver(hooks[kind], hooks[kind === "tcx" ? "clsact" : "tcx"]);
      tables.config.advanceEpoch();
      const refusals = [socketRefusal, stallRefusal].filter((refusal) => refusal instanceof SextantError);
      return new KernelDataPlane(path, tables, hooks[kind], featuresOf(pins), refusals);
    } catch (error) {
      path.close();
      throw error;
    }
  }

  /**
   * What an instance has pinned, to be read only: programs and attachments stay whose they are. Undefined when nothing is
   * pinned. Throws SextantError `conflict` when it is of another layout, `missing_privilege`.
   */
  static view(instance: string): KernelDataPlane | undefined {
    const pins = PinDirectory.ofInstance(instance);
    PinDirectory.requireVisible();
    const path = openPinnedMaps(pins.child("maps"));
    if (path === undefined) return undefined;
    const { tcx, clsact } = hooksOf(pins, NO_PROGRAMS);
    const tables = new KernelTables(path.maps, path.cpus, () => performance.now());
    return new KernelDataPlane(path, tables, clsact.recorded().length > 0 ? clsact : tcx, featuresOf(pins), []);
  }

  /**
   * Takes everything of an instance off its interfaces and out of the kernel; half-made states and missing interfaces are
   * fine. Run it in the instance's network namespace: clsact can only be undone there.
   */
  static destroy(instance: string): void {
    const pins = PinDirectory.ofInstance(instance);
    PinDirectory.requireVisible();
    for (const hook of Object.values(hooksOf(pins, NO_PROGRAMS)))
      hook.recorded().forEach((ifindex) => hook.detach(ifindex));
    pins.remove();
  }

  config(): HostConfig | undefined {
    return this.tables.config.read();
  }

  setConfig(config: HostConfig): void {
    this.tables.config.write(config);
  }

  lists(): Map<KernelKey, KernelList> {
    return this.tables.lists.all();
  }

  putList(key: KernelKey, list: KernelList): void {
    this.tables.putList(key, list);
  }

  deleteList(key: KernelKey): void {
    this.tables.lists.delete(key);
  }

  observeLists(): Map<KernelKey, ListObservation> {
    return this.tables.lists.observe();
  }

  observeProbes(): Map<KernelKey, ProbeCounters> {
    return this.tables.lists.observeProbes();
  }

  observeTcp(): Map<KernelKey, TcpCounters> {
    return this.tables.lists.observeTcp();
  }

  listDemands(): Map<KernelKey, ListDemand> {
    return this.tables.lists.demands();
  }

  demandOfList(key: KernelKey, demand: ListDemand): void {
    this.tables.lists.demand(key, demand);
  }

  probeIdentity(key: KernelKey): { readonly slot: number; readonly nonce: bigint } | undefined {
    return this.tables.lists.probeIdentity(key);
  }

  policies(): Map<KernelKey, KernelPolicy> {
    return this.tables.policies.all();
  }

  putPolicy(key: KernelKey, policy: KernelPolicy): void {
    this.tables.policies.put(key, policy);
  }

  deletePolicy(key: KernelKey): void {
    this.tables.policies.delete(key);
  }

  policyCounters(): Map<KernelKey, readonly Traffic[]> {
    return this.tables.policies.traffic();
  }

  destinations(): Map<IpPrefix, KernelDestination> {
    return this.tables.rules.all();
  }

  putDestination(prefix: IpPrefix, destination: KernelDestination): void {
    this.tables.rules.put(prefix, destination);
  }

  deleteDestination(prefix: IpPrefix): void {
    this.tables.rules.delete(prefix);
  }

  domainSources(): Set<Ipv6Prefix> {
    return this.tables.domainSources.all();
  }

  addDomainSource(prefix: Ipv6Prefix): void {
    this.tables.domainSources.add(prefix);
  }

  deleteDomainSource(prefix: Ipv6Prefix): void {
    this.tables.domainSources.delete(prefix);
  }

  senders(): readonly KernelSender[] {
    return this.tables.senders.all();
  }

  addSender(sender: KernelSender): void {
    this.tables.senders.add(sender);
  }

  deleteSender(sender: KernelSender): void {
    this.tables.senders.delete(sender);
  }

  uplinkCounters(): Map<number, Traffic> {
    return this.tables.nextHops.uplinks();
  }

  reasons(): Map<string, bigint> {
    return this.tables.reasons.read();
  }

  flowEvents(): Map<string, bigint> {
    return this.tables.flowEvents.read();
  }

  flowMoves(): Map<KernelKey, bigint> {
    return this.tables.lists.flowMoves();
  }

  attached(): readonly { readonly ifindex: number; readonly hook: HookKind }[] {
    return this.hook.attached().map((ifindex) => ({ ifindex, hook: this.hook.kind }));
  }

  attach(ifindex: number): void {
    this.hook.attach(ifindex);
  }

  detach(ifindex: number): void {
    this.hook.detach(ifindex);
  }

  close(): void {
    if (this.isOpen) this.path.close();
    this.isOpen = false;
  }
}

function socketHooks(pins: PinDirectory) {
  const folder = pins.child("sockets");
  return { sockets: new CgroupHook(folder, SOCKET_CREATION), timeouts: new CgroupHook(folder, TCP_TIMEOUTS) };
}

function featuresOf(pins: PinDirectory): DataPlane["features"] {
  const { sockets, timeouts } = socketHooks(pins);
  return { executables: sockets.isAttached, tcpMoves: timeouts.isAttached };
}

/**
 * Puts a program on the sockets of this thread's namespace, or takes off what is there when there is to be none. Gives why the
 * kernel does not take it, where it does not.
 */
function watch(
  hook: CgroupHook,
  program: number | SextantError | undefined,
  cookie: bigint | undefined,
): SextantError | undefined {
  try {
    if (program === undefined) {
      hook.detach();
      return undefined;
    }
    if (program instanceof SextantError) throw program;
    if (cookie === undefined) throw missing(hook.program.without, "SO_NETNS_COOKIE", "5.14");
    hook.attach(program);
    return undefined;
  } catch (thrown) {
    hook.detach();
    return SextantError.from(thrown);
  }
}

function hooksOf(pins: PinDirectory, programs: ProgramFds): Record<HookKind, Hook> {
  return {
    tcx: new TcxHook(pins.child("links"), programs),
    clsact: new ClsactHook(pins.child("classifiers"), programs),
  };
}

function chooseHook(wanted: HookKind | undefined, programs: ProgramFds): HookKind {
  if (wanted === "clsact") return "clsact";
  if (tcxIsSupported(programs.egress)) return "tcx";
  if (wanted === "tcx") throw missing("the packet path cannot be attached", "the tcx hook", "6.6");
  return "clsact";
}

/** Moves every recorded interface to the current programs on the chosen hook; records of interfaces that are gone go too. */
function takeOver(chosen: Hook, other: Hook): void {
  for (const ifindex of new Set([...chosen.recorded(), ...other.recorded()])) {
    try {
      chosen.attach(ifindex);
    } catch (error) {
      if (!(error instanceof SextantError) || error.code !== "interface_gone") throw error;
      chosen.detach(ifindex);
    }
  }
  for (const ifindex of other.recorded()) other.detach(ifindex);
}
