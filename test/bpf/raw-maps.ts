import { libbpf, libc } from "../../packages/agent/src/bpf/ffi";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";

/** Words of a 64-bit array entry as BPF would write them; per-CPU values one CPU after the other. */
export function bump(instance: string, map: string, index: number, words: readonly bigint[]): void {
  withMap(instance, map, (fd) => {
    const value = Buffer.alloc(1024);
    words.forEach((word, i) => value.writeBigUInt64LE(word, 8 * i));
    libbpf().bpf_map_update_elem(fd, keyOf(index), value, 0);
  });
}

/** An entry as it stands in the kernel, `bytes` of it. */
export function peek(instance: string, map: string, index: number, bytes: number): Buffer {
  const value = Buffer.alloc(Math.max(bytes, 1024));
  withMap(instance, map, (fd) => libbpf().bpf_map_lookup_elem(fd, keyOf(index), value));
  return value.subarray(0, bytes);
}

/** Overwrites an entry, as somebody would by hand. */
export function poke(instance: string, map: string, index: number, value: Buffer): void {
  withMap(instance, map, (fd) => libbpf().bpf_map_update_elem(fd, keyOf(index), value, 0));
}

function withMap(instance: string, map: string, work: (fd: number) => void): void {
  const fd = PinDirectory.ofInstance(instance).child("maps").open(map);
  if (fd === undefined) throw new Error(`no map ${map}`);
  work(fd);
  libc().close(fd);
}

function keyOf(index: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(index);
  return key;
}
