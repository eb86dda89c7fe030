import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { BpfMap, type MapShape } from "./bpf-map";
import { BpfObject } from "./bpf-object";
import { libbpf, libc } from "./ffi";
import type { ProgramFds } from "./hook";
import { LAYOUT_VERSION } from "./kernel-limits";
import type { PinDirectory } from "./pin-directory";
import { STRUCT_LAYOUTS } from "./struct-layouts";

const PREFIX_BYTES = STRUCT_LAYOUTS.sxt_prefix.bytes;

/** Every map with its sizes; `perCpu` values come once per possible CPU. bpf/lib/maps.h says what each is for. */
const MAPS = {
  destinations: { keyBytes: PREFIX_BYTES, valueBytes: STRUCT_LAYOUTS.sxt_destination.bytes, perCpu: false },
  policies: { keyBytes: 8, valueBytes: STRUCT_LAYOUTS.sxt_policy.bytes, perCpu: false },
  lists: { keyBytes: 8, valueBytes: STRUCT_LAYOUTS.sxt_list.bytes, perCpu: false },
  list_states: { keyBytes: 4, valueBytes: STRUCT_LAYOUTS.sxt_list_state.bytes, perCpu: false },
  list_counters: { keyBytes: 4, valueBytes: STRUCT_LAYOUTS.sxt_traffic.bytes, perCpu: true },
  policy_counters: { keyBytes: 4, valueBytes: STRUCT_LAYOUTS.sxt_traffic.bytes, perCpu: true },
  domain_sources: { keyBytes: PREFIX_BYTES, valueBytes: 4, perCpu: false },
  reasons: { keyBytes: 4, valueBytes: 8, perCpu: true },
  // Pinned last: with its layout version in place, all the others are.
  host_config: { keyBytes: 4, valueBytes: STRUCT_LAYOUTS.sxt_host_config.bytes, perCpu: false },
} as const;

export type MapName = keyof typeof MAPS;
/** Stands for programs where only maps are looked at. */
export const NO_PROGRAMS: ProgramFds = { egress: -1, ingress: -1 };
const MAP_NAMES = Object.keys(MAPS) as MapName[];

/** Both programs loaded onto one set of maps. */
export interface PacketPath {
  readonly programs: ProgramFds;
  readonly maps: Readonly<Record<MapName, BpfMap>>;
  /** Possible CPUs: how many values a per-CPU map has for each key. */
  readonly cpus: number;
  close(): void;
}

/**
 * Loads the programs from `objectDirectory` onto the maps pinned in `pins`, pinning those that are not there yet. Nothing is
 * changed when it fails. Throws SextantError `conflict` when the pinned maps have another layout.
 */
export function loadPacketPath(objectDirectory: string, pins: PinDirectory): PacketPath {
  const pinned = openPinned(pins);
  const objects: BpfObject[] = [];
  try {
    const egress = BpfObject.load(join(objectDirectory, "egress.bpf.o"), "sextant_egress", pinned);
    objects.push(egress);
    const ingress = BpfObject.load(join(objectDirectory, "ingress.bpf.o"), "sextant_ingress", egress.maps);
    objects.push(ingress);
    const cpus = libbpf().libbpf_num_possible_cpus();
    const maps = mapsOf(egress.maps, cpus);
    writeLayoutVersion(maps.host_config);
    for (const name of MAP_NAMES) if (!pinned.has(name)) pins.pin(name, maps[name].fd);
    const programs = { egress: egress.programFd, ingress: ingress.programFd };
    return { programs, maps, cpus, close: () => objects.forEach((object) => object.close()) };
  } catch (error) {
    for (const object of objects) object.close();
    throw error;
  } finally {
    for (const fd of pinned.values()) libc().close(fd);
  }
}

/**
 * The pinned maps of an instance without any program, to look at what the kernel does while another process runs it.
 * Undefined when the instance has none. Throws SextantError `conflict` when they have another layout.
 */
export function openPinnedMaps(pins: PinDirectory): PacketPath | undefined {
  if (!pins.has("host_config")) return undefined;
  const pinned = openPinned(pins);
  const cpus = libbpf().libbpf_num_possible_cpus();
  const close = () => {
    for (const fd of pinned.values()) libc().close(fd);
  };
  try {
    return { programs: NO_PROGRAMS, maps: mapsOf(pinned, cpus), cpus, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Pinned maps of our layout. Without the one that tells the layout, what else is there was left half-made: it is dropped. */
function openPinned(pins: PinDirectory): Map<string, number> {
  const pinned = new Map<string, number>();
  const config = pins.open("host_config");
  if (config === undefined) {
    for (const name of MAP_NAMES) pins.unpin(name);
    return pinned;
  }
  pinned.set("host_config", config);
  const version = layoutVersion(new BpfMap(config, shapeOf("host_config", 1)));
  if (version !== LAYOUT_VERSION) {
    libc().close(config);
    throw new SextantError(
      "conflict",
      `${pins.path} holds maps of layout ${version}, this program needs ${LAYOUT_VERSION}: ` +
        `run the version that made them, or remove the folder (traffic then takes plain routes until the agent has set up anew)`,
    );
  }
  for (const name of MAP_NAMES) {
    const fd = pinned.get(name) ?? pins.open(name);
    if (fd !== undefined) pinned.set(name, fd);
  }
  return pinned;
}

function mapsOf(fds: ReadonlyMap<string, number>, cpus: number): Record<MapName, BpfMap> {
  const entries = MAP_NAMES.map((name) => {
    const fd = fds.get(name);
    if (fd === undefined) throw new SextantError("internal", `the programs have no map ${name}: run make build`);
    return [name, new BpfMap(fd, shapeOf(name, cpus))];
  });
  return Object.fromEntries(entries) as Record<MapName, BpfMap>;
}

function shapeOf(name: MapName, cpus: number): MapShape {
  const { keyBytes, valueBytes, perCpu } = MAPS[name];
  return { name, keyBytes, valueBytes: perCpu ? valueBytes * cpus : valueBytes };
}

function layoutVersion(config: BpfMap): number {
  return config.lookup(Buffer.alloc(4))?.readUInt32LE(STRUCT_LAYOUTS.sxt_host_config.layout_version) ?? 0;
}

function writeLayoutVersion(config: BpfMap): void {
  const value = config.lookup(Buffer.alloc(4)) ?? Buffer.alloc(STRUCT_LAYOUTS.sxt_host_config.bytes);
  value.writeUInt32LE(LAYOUT_VERSION, STRUCT_LAYOUTS.sxt_host_config.layout_version);
  config.update(Buffer.alloc(4), value);
}
