import { mkdirSync, readdirSync, rmSync, statfsSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { errnoName, lastErrno, libbpf, libc } from "./ffi";

const BPFFS = "/sys/fs/bpf";
const BPFFS_MAGIC = 0xcafe4a11;
const INSTANCE = /^[A-Za-z0-9_-]{1,64}$/;

/** A folder of the BPF file system: what is pinned in it lives on without its process. */
export class PinDirectory {
  private constructor(readonly path: string) {}

  /** Folder of one instance, not created yet. Throws SextantError `invalid_argument` when the name is no file name. */
  static ofInstance(instance: string): PinDirectory {
    if (!INSTANCE.test(instance)) {
      throw new SextantError("invalid_argument", `instance "${instance}": use 1 to 64 letters, digits, "-" and "_"`);
    }
    return new PinDirectory(join(BPFFS, "sextant", instance));
  }

  child(name: string): PinDirectory {
    return new PinDirectory(join(this.path, name));
  }

  /**
   * What is pinned can be seen from here. Throws SextantError `missing_kernel_feature` where it cannot: then nothing being there
   * would mean nothing.
   */
  static requireVisible(): void {
    if (isMounted()) return;
    throw new SextantError(
      "missing_kernel_feature",
      `no BPF file system on ${BPFFS}, where maps and programs are pinned: no agent has run since the start of this host, or this shell ` +
        `has mounts of its own ("ip netns exec" hides what is pinned; "nsenter --net=/run/netns/NAME" does not)`,
    );
  }

  /** Makes the folder, and mounts the file system where that is missing. Throws SextantError `missing_privilege`. */
  create(): void {
    try {
      if (!isMounted()) mountBpffs();
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
    } catch (error) {
      if (error instanceof SextantError) throw error;
      const message = `${this.path} cannot be created: run as root (${String(error)})`;
      throw new SextantError("missing_privilege", message, { cause: error });
    }
  }

  /** Names of what is pinned here. Throws SextantError `missing_privilege`. */
  names(): string[] {
    return exists(this.path) ? readdirSync(this.path) : [];
  }

  /** Whether something is pinned under this name. Throws SextantError `missing_privilege`. */
  has(name: string): boolean {
    return exists(join(this.path, name));
  }

  /** Opens a pinned object; undefined when there is none. The descriptor is the caller's. */
  open(name: string): number | undefined {
    const fd = libbpf().bpf_obj_get(join(this.path, name));
    if (fd >= 0) return fd;
    const error = errnoName(-fd);
    if (error === "ENOENT") return undefined;
    const code = error === "EPERM" || error === "EACCES" ? "missing_privilege" : "internal";
    throw new SextantError(code, `${join(this.path, name)} cannot be opened: ${error}`);
  }

  pin(name: string, fd: number): void {
    const result = libbpf().bpf_obj_pin(fd, join(this.path, name));
    if (result !== 0)
      throw new SextantError("internal", `${join(this.path, name)} cannot be pinned: ${errnoName(-result)}`);
  }

  unpin(name: string): void {
    if (this.has(name)) unlinkSync(join(this.path, name));
  }

  /** Removes the folder with everything in it. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function isMounted(): boolean {
  return statfsSync(BPFFS).type === BPFFS_MAGIC;
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw new SextantError("missing_privilege", `${path} cannot be looked at: run as root`, { cause });
  }
}

function mountBpffs(): void {
  if (libc().mount("bpf", BPFFS, "bpf", 0, "mode=0700") === 0) return;
  const error = errnoName(lastErrno());
  const code = error === "EPERM" ? "missing_privilege" : "missing_kernel_feature";
  throw new SextantError(
    code,
    `the BPF file system cannot be mounted on ${BPFFS} (${error}): run as root, on Linux 4.4 or newer`,
  );
}
