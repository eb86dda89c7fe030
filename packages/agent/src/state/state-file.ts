import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SextantError } from "@sextant/model";

/** Largest state that is written or read: some 100,000 entries. */
const MAX_STATE_BYTES = 64 << 20;
/** Format of the file; another one is not read. */
const FORMAT = "sextant-agent-state 1";

/** What was found on disk. */
export type StoredText =
  | { readonly kind: "absent" }
  | { readonly kind: "intact"; readonly text: string }
  | { readonly kind: "corrupt"; readonly reason: string };

/**
 * One small text on disk that is either whole or not there: written beside, synced and renamed into place, and guarded by
 * a checksum in its first line.
 */
export class StateFile {
  constructor(readonly path: string) {}

  /** Never throws for what the file holds; a file that cannot be read counts as corrupt. */
  async read(): Promise<StoredText> {
    try {
      const { size } = await stat(this.path);
      if (size > MAX_STATE_BYTES) return { kind: "corrupt", reason: `${size} bytes, more than any state` };
      return verify(await readFile(this.path, "utf8"));
    } catch (thrown) {
      if (isCode(thrown, "ENOENT")) return { kind: "absent" };
      return { kind: "corrupt", reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }

  /**
   * Replaces the text; durable when it resolves. Throws SextantError `store_full` (disk full, or text too large), or
   * `internal`; the old text is then gone as well, because an agent that came back to it would undo what was installed since.
   */
  async write(text: string): Promise<void> {
    const temporary = `${this.path}.new`;
    try {
      if (Buffer.byteLength(text) > MAX_STATE_BYTES)
        throw new SextantError("store_full", "the state is too large to keep");
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await writeSynced(temporary, `${header(text)}\n${text}`);
      await rename(temporary, this.path);
      await syncDirectory(dirname(this.path));
    } catch (thrown) {
      await Promise.allSettled([rm(temporary, { force: true }), rm(this.path, { force: true })]);
      const full = isCode(thrown, "ENOSPC") || isCode(thrown, "EDQUOT");
      throw SextantError.from(thrown, full ? "store_full" : "internal");
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Where the state of an instance is kept. */
export function statePath(stateDir: string, instance: string): string {
  return join(stateDir, `${instance}.state`);
}

async function writeSynced(path: string, content: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function header(text: string): string {
  return `${FORMAT} ${createHash("sha256").update(text).digest("hex")}`;
}

function verify(content: string): StoredText {
  const end = content.indexOf("\n");
  const text = content.slice(end + 1);
  if (end < 0 || content.slice(0, end) !== header(text))
    return { kind: "corrupt", reason: "checksum or format differs" };
  return { kind: "intact", text };
}

function isCode(thrown: unknown, code: string): boolean {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && thrown.code === code;
}
