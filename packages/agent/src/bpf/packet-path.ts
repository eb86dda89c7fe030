import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { BpfObject } from "./bpf-object";
import { libbpf, libc } from "./ffi";
import type { ProgramFds } from "./hook";
import { LAYOUT_VERSION } from "./kernel-limits";
import { carriesState, knownMap, type KnownMaps, knownMaps } from "./known-maps";
import { type MapShape, sameShape, shapeOfFd } from "./map-shape";
import type { PinDirectory } from "./pin-directory";
import { STRUCT_LAYOUTS } from "./struct-layouts";

/** Stands for programs where only maps are looked at. */
export const NO_PROGRAMS: ProgramFds = { egress: -1, ingress: -1 };
/** Pinned last: with its layout version in place, all the others are. */
const LAST_PINNED = "host_config";
const VERSION_AT = STRUCT_LAYOUTS.sxt_host_config.layout_version;

/** All programs loaded onto one set of maps. */
export interface PacketPath {
  readonly programs: ProgramFds;
  /** The program that sees sockets being made, or why this kernel does not take it. */
  readonly socketProgram: number | SextantError;
  /** The program that sees TCP timeouts, or why this kernel does not take it. */
  readonly stallProgram: number | SextantError;
  readonly maps: KnownMaps;
  /** Possible CPUs: how many values a per-CPU map has for each key. */
  readonly cpus: number;
  close(): void;
}

/**
 * Loads the programs from `objectDirectory` onto the maps pinned in `pins`, pinning those that are not there yet. Maps that only
 * the programs know are shared and pinned alike; one that new programs want in another shape is made anew. Nothing is changed
 * when it fails. Throws SextantError `conflict` when the pinned maps have another layout.
 */
export function loadPacketPath(objectDirectory: string, pins: PinDirectory): PacketPath {
  const pinned = openPinned(pins);
  const maps = new Map(pinned);
  const made = new Set<string>();
  const objects: BpfObject[] = [];
  const load = (name: string): number => {
    const path = join(objectDirectory, `${name}.bpf.o`);
    const object = BpfObject.load(path, `sextant_${name}`, (map, wanted) => fitting(map, maps.get(map), wanted));
    objects.push(object);
    for (const [map, fd] of object.maps) maps.set(map, fd);
    for (const map of object.made) made.add(map);
    return object.programFd;
  };
  try {
    const programs = { egress: load("egress"), ingress: load("ingress") };
    const socketProgram = optional(() => load("socket"));
    const stallProgram = optional(() => load("stall"));
    const cpus = libbpf().libbpf_num_possible_cpus();
    const known = knownMaps(maps, cpus);
    writeLayoutVersion(known);
    pinAll(pins, maps, made);
    const close = () => objects.forEach((object) => object.close());
    return { programs, socketProgram, stallProgram, maps: known, cpus, close };
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
export function openPinnedMaps(pins: PinDirectory): Pick<PacketPath, "maps" | "cpus" | "close"> | undefined {
  if (!pins.has(LAST_PINNED)) return undefined;
  const pinned = openPinned(pins);
  const cpus = libbpf().libbpf_num_possible_cpus();
  const close = () => {
    for (const fd of pinned.values()) libc().close(fd);
  };
  try {
    return { maps: knownMaps(pinned, cpus), cpus, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Pinned maps of our layout. Without the one that tells the layout, what else is there was left half-made: it is dropped. */
function openPinned(pins: PinDirectory): Map<string, number> {
  const pinned = new Map<string, number>();
  const config = pins.open(LAST_PINNED);
  if (config === undefined) {
    for (const name of pins.names()) pins.unpin(name);
    return pinned;
  }
  pinned.set(LAST_PINNED, config);
  const version = knownMap(LAST_PINNED, config, 1).at(0).readUInt32LE(VERSION_AT);
  if (version !== LAYOUT_VERSION) {
    libc().close(config);
    throw otherLayout(pins, `layout ${version}`);
  }
  for (const name of pins.names()) {
    const fd = pinned.get(name) ?? pins.open(name);
    if (fd !== undefined) pinned.set(name, fd);
  }
  return pinned;
}

/** The map there is, if the program can use it. */
function fitting(name: string, fd: number | undefined, wanted: MapShape): number | undefined {
  if (fd === undefined || sameShape(shapeOfFd(fd), wanted)) return fd;
  if (!carriesState(name)) return undefined;
  throw new SextantError("conflict", `map ${name} of this instance has another shape than the programs: ${REMEDY}`);
}

/** A program that the kernel may refuse: all else works without it. */
function optional(load: () => number): number | SextantError {
  try {
    return load();
  } catch (thrown) {
    const error = SextantError.from(thrown);
    if (error.code === "missing_kernel_feature" || error.code === "internal") return error;
    throw thrown;
  }
}

function pinAll(pins: PinDirectory, maps: ReadonlyMap<string, number>, made: ReadonlySet<string>): void {
  for (const [name, fd] of [...maps].sort(([a], [b]) => Number(a === LAST_PINNED) - Number(b === LAST_PINNED))) {
    if (!made.has(name)) continue;
    pins.unpin(name);
    pins.pin(name, fd);
  }
}

function writeLayoutVersion({ host_config }: KnownMaps): void {
  const value = host_config.at(0);
  if (value.readUInt32LE(VERSION_AT) === LAYOUT_VERSION) return;
  value.writeUInt32LE(LAYOUT_VERSION, VERSION_AT);
  host_config.setAt(0, value);
}

const REMEDY =
  "run the version that made it, or take it out with `sextant agent uninstall` and start again " +
  "(traffic takes plain routes until the agent has set up anew)";

function otherLayout(pins: PinDirectory, found: string): SextantError {
  const message = `${pins.path} holds maps of ${found}, which go on forwarding; this version needs layout ${LAYOUT_VERSION}`;
  return new SextantError("conflict", `${message}: ${REMEDY}`);
}
