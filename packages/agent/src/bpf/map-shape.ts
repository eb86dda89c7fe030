import { check } from "./native-result";
import { type Address, libbpf } from "./ffi";

/** What programs and a map must agree on. */
export interface MapShape {
  readonly type: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly entries: number;
}

/** struct bpf_map_info up to map_flags: type, id, key and value size, entries. */
const INFO_BYTES = 24;

/** Shape of a map as a compiled object asks for it. */
export function shapeWanted(map: Address): MapShape {
  return {
    type: libbpf().bpf_map__type(map),
    keyBytes: libbpf().bpf_map__key_size(map),
    valueBytes: libbpf().bpf_map__value_size(map),
    entries: libbpf().bpf_map__max_entries(map),
  };
}

/** Shape of a map that the kernel holds. */
export function shapeOfFd(fd: number): MapShape {
  const info = Buffer.alloc(INFO_BYTES);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(INFO_BYTES);
  check(libbpf().bpf_obj_get_info_by_fd(fd, info, length), "a map cannot be read");
  return {
    type: info.readUInt32LE(),
    keyBytes: info.readUInt32LE(8),
    valueBytes: info.readUInt32LE(12),
    entries: info.readUInt32LE(16),
  };
}

export function sameShape(a: MapShape, b: MapShape): boolean {
  return a.type === b.type && a.keyBytes === b.keyBytes && a.valueBytes === b.valueBytes && a.entries === b.entries;
}
