import { SextantError } from "@sextant/model";
import koffi, { type LibraryHandle } from "koffi";

/** A native address. */
export type Address = bigint;
/** Memory that a native function reads or writes: a Buffer is passed by reference, null is NULL. */
export type Memory = Buffer | Address | null;

/** The C library calls that Node does not offer. All return -1 on failure; then `lastErrno` says why. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Memory, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: Memory, length: Memory): number;
  sendmmsg(fd: number, messages: Memory, count: number, flags: number): number;
  close(fd: number): number;
  ioctl(fd: number, request: number, argument: Memory): number;
  mount(source: string, target: string, type: string, flags: number, data: string): number;
  setns(fd: number, type: number): number;
  unshare(flags: number): number;
  flock(fd: number, operation: number): number;
}

/** The parts of libbpf 1.x in use. Results below zero are negated errno values; pointers are null on failure. */
export interface Libbpf {
  bpf_object__open_file(path: string, options: Memory): Address | null;
  bpf_object__load(object: Address): number;
  bpf_object__close(object: Address): void;
  bpf_object__next_map(object: Address, previous: Address | null): Address | null;
  bpf_object__find_program_by_name(object: Address, name: string): Address | null;
  bpf_program__fd(program: Address | null): number;
  bpf_map__name(map: Address): string;
  bpf_map__fd(map: Address): number;
  bpf_map__type(map: Address): number;
  bpf_map__key_size(map: Address): number;
  bpf_map__value_size(map: Address): number;
  bpf_map__max_entries(map: Address): number;
  bpf_map__set_max_entries(map: Address, entries: number): number;
  bpf_map__map_flags(map: Address): number;
  bpf_map__is_internal(map: Address): boolean;
  bpf_map__reuse_fd(map: Address, fd: number): number;
  bpf_map_lookup_elem(fd: number, key: Memory, value: Memory): number;
  bpf_map_update_elem(fd: number, key: Memory, value: Memory, flags: number): number;
  bpf_map_delete_elem(fd: number, key: Memory): number;
  bpf_map_lookup_batch(
    fd: number,
    inBatch: Memory,
    outBatch: Memory,
    keys: Memory,
    values: Memory,
    count: Memory,
    options: Memory,
  ): number;
  bpf_map_update_batch(fd: number, keys: Memory, values: Memory, count: Memory, options: Memory): number;
  bpf_obj_pin(fd: number, path: string): number;
  bpf_obj_get(path: string): number;
  bpf_obj_get_info_by_fd(fd: number, info: Memory, length: Memory): number;
  bpf_link_create(programFd: number, ifindex: number, attachType: number, options: Memory): number;
  bpf_link_update(linkFd: number, programFd: number, options: Memory): number;
  bpf_link_detach(linkFd: number): number;
  bpf_tc_hook_create(hook: Memory): number;
  bpf_tc_hook_destroy(hook: Memory): number;
  bpf_tc_attach(hook: Memory, options: Memory): number;
  bpf_tc_detach(hook: Memory, options: Memory): number;
  bpf_tc_query(hook: Memory, options: Memory): number;
  bpf_prog_test_run_opts(programFd: number, options: Memory): number;
  bpf_prog_load(type: number, name: string, license: string, code: Memory, length: number, options: Memory): number;
  libbpf_probe_bpf_map_type(type: number, options: Memory): number;
  libbpf_probe_bpf_helper(programType: number, helper: number, options: Memory): number;
  libbpf_set_print(callback: Address | null): Address | null;
  libbpf_num_possible_cpus(): number;
}

const LIBC_PROTOTYPES = {
  socket: "int socket(int, int, int)",
  setsockopt: "int setsockopt(int, int, int, void *, uint32_t)",
  getsockopt: "int getsockopt(int, int, int, void *, void *)",
  sendmmsg: "int sendmmsg(int, void *, uint32_t, int)",
  close: "int close(int)",
  ioctl: "int ioctl(int, uint64_t, void *)",
  mount: "int mount(const char *, const char *, const char *, uint64_t, const char *)",
  setns: "int setns(int, int)",
  unshare: "int unshare(int)",
  flock: "int flock(int, int)",
} as const satisfies Record<keyof Libc, string>;

const LIBBPF_PROTOTYPES = {
  bpf_object__open_file: "void *bpf_object__open_file(const char *, void *)",
  bpf_object__load: "int bpf_object__load(void *)",
  bpf_object__close: "void bpf_object__close(void *)",
  bpf_object__next_map: "void *bpf_object__next_map(void *, void *)",
  bpf_object__find_program_by_name: "void *bpf_object__find_program_by_name(void *, const char *)",
  bpf_program__fd: "int bpf_program__fd(void *)",
  bpf_map__name: "const char *bpf_map__name(void *)",
  bpf_map__fd: "int bpf_map__fd(void *)",
  bpf_map__type: "int bpf_map__type(void *)",
  bpf_map__key_size: "uint32_t bpf_map__key_size(void *)",
  bpf_map__value_size: "uint32_t bpf_map__value_size(void *)",
  bpf_map__max_entries: "uint32_t bpf_map__max_entries(void *)",
  bpf_map__set_max_entries: "int bpf_map__set_max_entries(void *, uint32_t)",
  bpf_map__map_flags: "uint32_t bpf_map__map_flags(void *)",
  bpf_map__is_internal: "bool bpf_map__is_internal(void *)",
  bpf_map__reuse_fd: "int bpf_map__reuse_fd(void *, int)",
  bpf_map_lookup_elem: "int bpf_map_lookup_elem(int, void *, void *)",
  bpf_map_update_elem: "int bpf_map_update_elem(int, void *, void *, uint64_t)",
  bpf_map_delete_elem: "int bpf_map_delete_elem(int, void *)",
  bpf_map_lookup_batch: "int bpf_map_lookup_batch(int, void *, void *, void *, void *, void *, void *)",
  bpf_map_update_batch: "int bpf_map_update_batch(int, void *, void *, void *, void *)",
  bpf_obj_pin: "int bpf_obj_pin(int, const char *)",
  bpf_obj_get: "int bpf_obj_get(const char *)",
  bpf_obj_get_info_by_fd: "int bpf_obj_get_info_by_fd(int, void *, void *)",
  bpf_link_create: "int bpf_link_create(int, int, int, void *)",
  bpf_link_update: "int bpf_link_update(int, int, void *)",
  bpf_link_detach: "int bpf_link_detach(int)",
  bpf_tc_hook_create: "int bpf_tc_hook_create(void *)",
  bpf_tc_hook_destroy: "int bpf_tc_hook_destroy(void *)",
  bpf_tc_attach: "int bpf_tc_attach(void *, void *)",
  bpf_tc_detach: "int bpf_tc_detach(void *, void *)",
  bpf_tc_query: "int bpf_tc_query(void *, void *)",
  bpf_prog_test_run_opts: "int bpf_prog_test_run_opts(int, void *)",
  bpf_prog_load: "int bpf_prog_load(int, const char *, const char *, void *, uint64_t, void *)",
  libbpf_probe_bpf_map_type: "int libbpf_probe_bpf_map_type(int, void *)",
  libbpf_probe_bpf_helper: "int libbpf_probe_bpf_helper(int, int, void *)",
  libbpf_set_print: "void *libbpf_set_print(void *)",
  libbpf_num_possible_cpus: "int libbpf_num_possible_cpus()",
} as const satisfies Record<keyof Libbpf, string>;

let loadedLibc: Libc | undefined;
let loadedLibbpf: Libbpf | undefined;

/** The C library. Throws SextantError `missing_program` where it is not glibc. */
export function libc(): Libc {
  loadedLibc ??= bind<Libc>(open("libc.so.6", "libc6"), LIBC_PROTOTYPES);
  return loadedLibc;
}

/** libbpf, silenced: failures are reported through results. Throws SextantError `missing_program` when it is not installed. */
export function libbpf(): Libbpf {
  if (loadedLibbpf === undefined) {
    loadedLibbpf = bind<Libbpf>(open("libbpf.so.1", "libbpf1"), LIBBPF_PROTOTYPES);
    loadedLibbpf.libbpf_set_print(null);
  }
  return loadedLibbpf;
}

/** errno of the native call just made. */
export function lastErrno(): number {
  return koffi.errno();
}

/** The symbolic name of an errno value, for example "ENODEV". */
export function errnoName(errno: number): string {
  return Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

/**
 * Where a Buffer's bytes are, for structs that hold pointers. Node does not move them, but an address alone does not keep
 * the Buffer: put everything that a call points to into the Buffer that is passed to it.
 */
export function addressOf(buffer: Buffer): Address {
  return koffi.address(buffer);
}

function open(file: string, debianPackage: string): LibraryHandle {
  try {
    return koffi.load(file);
  } catch (cause) {
    const message = `${file} cannot be loaded: install it (Debian package ${debianPackage})`;
    throw new SextantError("missing_program", message, { cause });
  }
}

function bind<T>(library: LibraryHandle, prototypes: Record<keyof T & string, string>): T {
  const functions = Object.entries<string>(prototypes).map(([name, prototype]) => [name, library.func(prototype)]);
  return Object.fromEntries(functions) as T;
}
