import { SextantError } from "@sextant/model";
import { errnoName, libbpf } from "./ffi";

/** Entries per call of a batched read: a few hundred cost hardly more than one. */
const BATCH = 512;

/** Sizes of a map as user space sees it: per-CPU values are as long as all CPUs' values together. */
export interface ValueSizes {
  readonly name: string;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

/** A BPF map by file descriptor; keys and values are raw bytes. The descriptor belongs to the loaded object. */
export class BpfMap {
  private readonly count = Buffer.alloc(4);

  constructor(
    readonly fd: number,
    readonly shape: ValueSizes,
  ) {}

  lookup(key: Buffer): Buffer | undefined {
    const value = Buffer.alloc(this.shape.valueBytes);
    const result = libbpf().bpf_map_lookup_elem(this.fd, key, value);
    if (result === 0) return value;
    if (errnoName(-result) === "ENOENT") return undefined;
    throw this.failure("read", result);
  }

  /** Creates or replaces an entry in one step. Throws SextantError `map_full`; the old entry is then still in place. */
  update(key: Buffer, value: Buffer): void {
    const result = libbpf().bpf_map_update_elem(this.fd, key, value, 0);
    if (result !== 0) throw this.failure("written", result);
  }

  /** Entry of an array. Throws SextantError `internal` beyond its end. */
  at(index: number): Buffer {
    const value = this.lookup(indexKey(index));
    if (value === undefined) throw new SextantError("internal", `BPF map ${this.shape.name} has no index ${index}`);
    return value;
  }

  /** Replaces an entry of an array. */
  setAt(index: number, value: Buffer): void {
    this.update(indexKey(index), value);
  }

  /** Replaces entries of an array, one after the other, in one system call. */
  setMany(entries: readonly (readonly [index: number, value: Buffer])[]): void {
    if (entries.length === 0) return;
    const keys = Buffer.concat(entries.map(([index]) => indexKey(index)));
    const values = Buffer.concat(entries.map(([, value]) => value));
    this.count.writeUInt32LE(entries.length);
    const result = libbpf().bpf_map_update_batch(this.fd, keys, values, this.count, null);
    if (result !== 0) throw this.failure("written", result);
  }

  /** Removes an entry; nothing happens when there is none. */
  delete(key: Buffer): void {
    const result = libbpf().bpf_map_delete_elem(this.fd, key);
    if (result !== 0 && errnoName(-result) !== "ENOENT") throw this.failure("written", result);
  }

  /** Values of an array from index 0, one after the other; `length` at most. */
  readArray(length: number): Buffer {
    const values = Buffer.alloc(length * this.shape.valueBytes);
    if (length === 0) return values;
    this.count.writeUInt32LE(length);
    const keys = Buffer.alloc(length * this.shape.keyBytes);
    const result = libbpf().bpf_map_lookup_batch(this.fd, null, Buffer.alloc(4), keys, values, this.count, null);
    if (result !== 0 && errnoName(-result) !== "ENOENT") throw this.failure("read", result);
    return values;
  }

  /** All entries of a hash or trie. The buffers of an entry are views of its batch. */
  entries(): (readonly [key: Buffer, value: Buffer])[] {
    const { keyBytes, valueBytes } = this.shape;
    const found: (readonly [Buffer, Buffer])[] = [];
    let position: Buffer | null = null;
    for (let size = BATCH; ; ) {
      const keys = Buffer.alloc(size * keyBytes);
      const values = Buffer.alloc(size * valueBytes);
      const next = Buffer.alloc(Math.max(4, keyBytes));
      this.count.writeUInt32LE(size);
      const result = libbpf().bpf_map_lookup_batch(this.fd, position, next, keys, values, this.count, null);
      const error = result === 0 ? undefined : errnoName(-result);
      if (error === "ENOSPC") {
        size *= 2; // One hash bucket holds more than a batch.
        continue;
      }
      if (error !== undefined && error !== "ENOENT") throw this.failure("read", result);
      for (let i = 0, count = this.count.readUInt32LE(); i < count; i++) {
        const key = keys.subarray(i * keyBytes, (i + 1) * keyBytes);
        found.push([key, values.subarray(i * valueBytes, (i + 1) * valueBytes)]);
      }
      if (error === "ENOENT") return found;
      position = next;
    }
  }

  private failure(action: string, result: number): SextantError {
    const error = errnoName(-result);
    const { name } = this.shape;
    if (error === "E2BIG" || error === "ENOSPC" || error === "ENOMEM") {
      return new SextantError(
        "map_full",
        `BPF map ${name} has no room (${error}): remove intents or widen their prefixes`,
      );
    }
    if (error === "EPERM")
      return new SextantError("missing_privilege", `BPF map ${name}: run as root, or with CAP_BPF`);
    return new SextantError("internal", `BPF map ${name} cannot be ${action}: ${error}`);
  }
}

function indexKey(index: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(index);
  return key;
}
