import { existsSync } from "node:fs";
import { SextantError } from "@sextant/model";
import { type Address, addressOf, errnoName, lastErrno, libbpf } from "./ffi";
import { loadFailure } from "./load-failure";
import { type MapShape, shapeWanted } from "./map-shape";
import { check } from "./native-result";

const LOG_BYTES = 1 << 20;
/** struct bpf_object_open_opts of libbpf 1.x up to kernel_log_level. */
const OPEN_OPTS_BYTES = 80;
const OPEN_OPTS_LOG_BUFFER = 56;
const OPEN_OPTS_LOG_SIZE = 64;

/** Arrays with a part for each CPU: an object says how long a part is. bpf/lib/flow_cache.h says why. */
const PART_PER_CPU = new Set(["flows", "known_senders"]);

/** Descriptor of a map that is to be used in place of the object's own; undefined to make a new one. */
export type MapSource = (name: string, wanted: MapShape) => number | undefined;

/** A compiled object with one program, loaded into the kernel. Closing it leaves what is pinned or attached in place. */
export class BpfObject {
  private constructor(
    private readonly object: Address,
    readonly programFd: number,
    /** File descriptors of its maps by name; they live as long as the object. */
    readonly maps: ReadonlyMap<string, number>,
    /** Names of those that were made for it. */
    readonly made: ReadonlySet<string>,
  ) {}

  /**
   * Loads `path` with maps of others where `source` has them. Throws SextantError `not_found` when it was not built,
   * `missing_privilege`, `missing_kernel_feature`, or `internal` with the end of the verifier's log.
   */
  static load(path: string, program: string, source: MapSource = () => undefined): BpfObject {
    if (!existsSync(path)) throw new SextantError("not_found", `${path} does not exist: run make build`);
    const log = Buffer.alloc(LOG_BYTES); // In use until the load below: libbpf keeps its address.
    const object = libbpf().bpf_object__open_file(path, openOptions(log));
    if (object === null) {
      throw new SextantError("internal", `${path} is no BPF object: ${errnoName(lastErrno())}`);
    }
    try {
      const maps = mapsOf(object);
      const made = new Set<string>();
      for (const [name, map] of maps) {
        if (PART_PER_CPU.has(name)) multiplyByCpus(map);
        const fd = source(name, shapeWanted(map));
        if (fd === undefined) made.add(name);
        else check(libbpf().bpf_map__reuse_fd(map, fd), `map ${name} cannot be shared`);
      }
      const result = libbpf().bpf_object__load(object);
      if (result !== 0) throw loadFailure(program, errnoName(-result), textOf(log));
      const found = libbpf().bpf_object__find_program_by_name(object, program);
      const fds = new Map([...maps].map(([name, map]) => [name, libbpf().bpf_map__fd(map)]));
      return new BpfObject(object, libbpf().bpf_program__fd(found), fds, made);
    } catch (error) {
      libbpf().bpf_object__close(object);
      throw error;
    }
  }

  close(): void {
    libbpf().bpf_object__close(this.object);
  }
}

function multiplyByCpus(map: Address): void {
  const entries = libbpf().bpf_map__max_entries(map) * libbpf().libbpf_num_possible_cpus();
  check(libbpf().bpf_map__set_max_entries(map, entries), "a map has too many entries");
}

/** Data sections of the object itself are nobody else's. */
function mapsOf(object: Address): Map<string, Address> {
  const maps = new Map<string, Address>();
  let map = libbpf().bpf_object__next_map(object, null);
  while (map !== null) {
    if (!libbpf().bpf_map__is_internal(map)) maps.set(libbpf().bpf_map__name(map), map);
    map = libbpf().bpf_object__next_map(object, map);
  }
  return maps;
}

function openOptions(log: Buffer): Buffer {
  const options = Buffer.alloc(OPEN_OPTS_BYTES);
  options.writeBigUInt64LE(BigInt(OPEN_OPTS_BYTES));
  options.writeBigUInt64LE(addressOf(log), OPEN_OPTS_LOG_BUFFER);
  options.writeBigUInt64LE(BigInt(log.length), OPEN_OPTS_LOG_SIZE);
  return options;
}

function textOf(log: Buffer): string {
  const end = log.indexOf(0);
  return log.toString("utf8", 0, end === -1 ? log.length : end);
}
