import { join } from "node:path";
import { type Ipv6Prefix, SextantError } from "@sextant/model";
import type {
  DataPlane,
  HostConfig,
  KernelKey,
  KernelList,
  KernelMatch,
  KernelPolicy,
  ListObservation,
} from "../reconcile/data-plane";
import { ClsactHook } from "./clsact-hook";
import type { Hook, HookKind, ProgramFds } from "./hook";
import {
  decodeConfig,
  decodeDestination,
  decodePrefix,
  encodeConfig,
  encodeDestination,
  encodePrefix,
} from "./kernel-layout";
import { KERNEL_LIMITS } from "./kernel-limits";
import { ListTable } from "./list-table";
import { missing } from "./load-failure";
import { loadPacketPath, NO_PROGRAMS, openPinnedMaps, type PacketPath } from "./packet-path";
import { PinDirectory } from "./pin-directory";
import { PolicyTable } from "./policy-table";
import { REASONS } from "./reasons";
import { TcxHook, tcxIsSupported } from "./tcx-hook";
import type { Traffic } from "./traffic";

/** Where `make build` puts the programs, seen from this file's folder in src and in dist alike. */
const BUILT_OBJECTS = join(__dirname, "..", "..", "build", "bpf");
const ONLY_ENTRY = Buffer.alloc(4);
const PRESENT = Buffer.from([1, 0, 0, 0]);

export interface KernelDataPlaneOptions {
  /** Names the pins: one instance per host namespace. */
  readonly instance: string;
  /** Folder of egress.bpf.o and ingress.bpf.o; by default where the build leaves them. */
  readonly objectDirectory?: string;
  /** By default tcx where the kernel has it, else clsact. */
  readonly hook?: HookKind;
}

/**
 * The packet path in the kernel. Maps and attachments are pinned under /sys/fs/bpf/sextant/<instance>: they go on without the
 * process, and the next one takes them over, counters included. Interfaces are those of the calling thread's namespace.
 */
export class KernelDataPlane implements DataPlane {
  readonly limits = KERNEL_LIMITS;
  private readonly listTable: ListTable;
  private readonly policyTable: PolicyTable;

  private constructor(
    private readonly path: PacketPath,
    private readonly hook: Hook,
  ) {
    const { maps, cpus } = path;
    this.listTable = new ListTable(maps.lists, maps.list_states, maps.list_counters, cpus);
    this.policyTable = new PolicyTable(maps.policies, maps.policy_counters, cpus);
  }

  /**
   * Loads the programs, takes over what an earlier process has pinned, and puts the new programs in place of the old ones.
   * Throws SextantError `missing_privilege`, `missing_program` (libbpf), `missing_kernel_feature`, `not_found` (not built),
   * `conflict` (pinned maps of another layout), `invalid_argument` (instance name).
   */
  static open(options: KernelDataPlaneOptions): KernelDataPlane {
    const pins = PinDirectory.ofInstance(options.instance);
    for (const folder of ["maps", "links", "classifiers"]) pins.child(folder).create();
    const path = loadPacketPath(options.objectDirectory ?? BUILT_OBJECTS, pins.child("maps"));
    try {
      const hooks = hooksOf(pins, path.programs);
      const kind = chooseHook(options.hook, path.programs);
      takeOver(hooks[kind], hooks[kind === "tcx" ? "clsact" : "tcx"]);
      return new KernelDataPlane(path, hooks[kind]);
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
    const path = openPinnedMaps(pins.child("maps"));
    if (path === undefined) return undefined;
    const { tcx, clsact } = hooksOf(pins, NO_PROGRAMS);
    return new KernelDataPlane(path, clsact.recorded().length > 0 ? clsact : tcx);
  }

  /**
   * Takes everything of an instance off its interfaces and out of the kernel; half-made states and missing interfaces are
   * fine. Run it in the instance's network namespace: clsact can only be undone there.
   */
  static destroy(instance: string): void {
    const pins = PinDirectory.ofInstance(instance);
    for (const hook of Object.values(hooksOf(pins, NO_PROGRAMS)))
      hook.recorded().forEach((ifindex) => hook.detach(ifindex));
    pins.remove();
  }

  config(): HostConfig | undefined {
    const bytes = this.path.maps.host_config.lookup(ONLY_ENTRY);
    return bytes === undefined ? undefined : decodeConfig(bytes);
  }

  setConfig(config: HostConfig): void {
    if (config.probeMultiplier < 1) throw new SextantError("invalid_argument", "the probe multiplier is 1 or more");
    this.path.maps.host_config.update(ONLY_ENTRY, encodeConfig(config));
  }

  lists(): Map<KernelKey, KernelList> {
    return this.listTable.all();
  }

  putList(key: KernelKey, list: KernelList): void {
    this.listTable.put(key, list);
  }

  deleteList(key: KernelKey): void {
    this.listTable.delete(key);
  }

  observeLists(): Map<KernelKey, ListObservation> {
    return this.listTable.observe();
  }

  policies(): Map<KernelKey, KernelPolicy> {
    return this.policyTable.all();
  }

  putPolicy(key: KernelKey, policy: KernelPolicy): void {
    this.policyTable.put(key, policy);
  }

  deletePolicy(key: KernelKey): void {
    this.policyTable.delete(key);
  }

  policyCounters(): Map<KernelKey, Traffic> {
    return this.policyTable.traffic();
  }

  destinations(): Map<Ipv6Prefix, readonly KernelMatch[]> {
    const entries = this.path.maps.destinations.entries();
    return new Map(entries.map(([key, value]) => [decodePrefix(key), decodeDestination(value)]));
  }

  putDestination(prefix: Ipv6Prefix, rows: readonly KernelMatch[]): void {
    const limit = KERNEL_LIMITS.maxRowsPerDestination;
    if (rows.length > limit) {
      throw new SextantError("map_full", `${prefix} would have ${rows.length} rows of ${limit}: merge intents`);
    }
    this.path.maps.destinations.update(encodePrefix(prefix), encodeDestination(rows));
  }

  deleteDestination(prefix: Ipv6Prefix): void {
    this.path.maps.destinations.delete(encodePrefix(prefix));
  }

  domainSources(): Set<Ipv6Prefix> {
    return new Set(this.path.maps.domain_sources.entries().map(([key]) => decodePrefix(key)));
  }

  addDomainSource(prefix: Ipv6Prefix): void {
    this.path.maps.domain_sources.update(encodePrefix(prefix), PRESENT);
  }

  deleteDomainSource(prefix: Ipv6Prefix): void {
    this.path.maps.domain_sources.delete(encodePrefix(prefix));
  }

  reasons(): Map<string, bigint> {
    const values = this.path.maps.reasons.readArray(REASONS.length);
    const { cpus } = this.path;
    return new Map(REASONS.map((name, index) => [name, sumOf(values, index * cpus, cpus)]));
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
    this.path.close();
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

function sumOf(values: Buffer, first: number, count: number): bigint {
  let sum = 0n;
  for (let i = first; i < first + count; i++) sum += values.readBigUInt64LE(i * 8);
  return sum;
}
