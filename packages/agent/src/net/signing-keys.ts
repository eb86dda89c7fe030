import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { formatIssue, parseSigningKeys, type SigningKey, type SigningKeySource } from "@sextant/model";
import { found, type Looked, missing } from "../reconcile/environment";

/** Longest secret that the kernel of a router takes (SEG6_HMAC_SECRET_LEN). */
const MAX_SECRET_BYTES = 64;
/** Permission bits of group and others. */
const FOREIGN_BITS = 0o077;

/** The keys that this host signs with: a YAML file that lists them, and the files that it names. */
export class SigningKeys {
  readonly #keys = new Map<number, SigningKey>();
  readonly #problems = new Map<number, string>();
  /** What keeps the list of keys from being read. */
  #fileProblem: string | undefined;
  #seen = "";
  #secretFiles: readonly string[] = [];

  /** `file` is undefined on a host without keys. `onProblem` is told each problem when it begins. */
  constructor(
    private readonly file: string | undefined,
    private readonly onProblem: (problem: string) => void = () => undefined,
  ) {
    this.refresh();
  }

  /** True when there is a key to sign with. */
  get any(): boolean {
    return this.#keys.size > 0;
  }

  /** Reads again what has changed on disk. A key once read stays until its entry is gone from a list that can be read. */
  refresh(): void {
    if (this.file === undefined) return;
    const seen = [this.file, ...this.#secretFiles].map(stamp).join(" ");
    if (seen === this.#seen) return;
    this.#load(this.file);
    this.#seen = [this.file, ...this.#secretFiles].map(stamp).join(" ");
  }

  /** As of the last refresh. */
  find(id: number): Looked<SigningKey> {
    const key = this.#keys.get(id);
    if (key !== undefined) return found(key);
    if (this.file === undefined) {
      return missing("key_missing", `signing key ${id} is wanted and the agent was given none: --signing-keys FILE`);
    }
    const problem = this.#fileProblem ?? this.#problems.get(id) ?? `${this.file} has no key ${id}`;
    return missing("key_missing", `signing key ${id}: ${problem}`);
  }

  #load(file: string): void {
    const before = new Set([this.#fileProblem, ...this.#problems.values()]);
    try {
      const { keys, issues } = parseSigningKeys(file, readPrivate(file).toString("utf8"));
      this.#fileProblem = issues.length === 0 ? undefined : issues.map(formatIssue).join("; ");
      if (issues.length === 0) this.#loadSecrets(file, keys);
    } catch (thrown) {
      this.#fileProblem = messageOf(thrown);
    }
    for (const problem of new Set([this.#fileProblem, ...this.#problems.values()])) {
      if (problem !== undefined && !before.has(problem)) this.onProblem(problem);
    }
  }

  #loadSecrets(file: string, sources: readonly SigningKeySource[]): void {
    const listed = new Set(sources.map(({ id }) => id));
    for (const id of this.#keys.keys()) if (!listed.has(id)) this.#keys.delete(id);
    this.#problems.clear();
    const pathOf = (secretFile: string) => resolve(dirname(file), secretFile);
    this.#secretFiles = sources.flatMap(({ secretFile }) => (secretFile === undefined ? [] : [pathOf(secretFile)]));
    for (const { id, secretFile, secretHex = "" } of sources) {
      try {
        const secret = secretFile === undefined ? Buffer.from(secretHex, "hex") : readSecret(pathOf(secretFile));
        const known = this.#keys.get(id);
        if (known === undefined || !secret.equals(known.secret)) this.#keys.set(id, { id, secret });
      } catch (thrown) {
        this.#problems.set(id, messageOf(thrown));
      }
    }
  }
}

/** A line break at the end belongs to the editor, not to the secret. */
function readSecret(path: string): Buffer {
  const content = readPrivate(path);
  const end = content.at(-1) === 0x0a ? content.length - 1 : content.length;
  if (end === 0 || end > MAX_SECRET_BYTES) throw new Error(`${path}: expected 1 to ${MAX_SECRET_BYTES} bytes`);
  return Buffer.from(content.subarray(0, end));
}

/** Contents of a file that nobody but its owner can read. Throws an Error that names the file and what to do. */
function readPrivate(path: string): Buffer {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`${path} does not exist`);
  if ((stat.mode & FOREIGN_BITS) !== 0) throw new Error(`${path} can be read by others than its owner: chmod 600 it`);
  return readFileSync(path);
}

/** Changes whenever the file does. */
function stamp(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? "absent" : [stat.mtimeNs, stat.ctimeNs, stat.ino, stat.size].join(":");
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
