import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { levelLogFault } from "./level-log-fault";
import { levelTableFault } from "./level-table-fault";

/**
 * Reads every file of an embedded store and checks its checksums before LevelDB sees it, because LevelDB recovers from a
 * damaged log by dropping records that were acknowledged, and then deletes the log. Nothing is written here. Throws
 * SextantError `store_corrupt` with the file and offset. A directory that does not exist yet is sound.
 */
export async function checkLevelFiles(dir: string): Promise<void> {
  const names = await listFiles(dir);
  if (names.some((name) => /^\d+\.(log|ldb)$|^MANIFEST-/.test(name))) await checkCurrent(dir, names);
  for (const name of names) {
    const check = name.endsWith(".ldb")
      ? levelTableFault
      : /^\d+\.log$|^MANIFEST-/.test(name)
        ? levelLogFault
        : undefined;
    const offset = check?.(await readFile(join(dir, name)));
    if (offset !== undefined) throw corrupt(join(dir, name), `is damaged at byte ${offset}`);
  }
}

async function listFiles(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** CURRENT names the manifest in force. */
async function checkCurrent(dir: string, names: readonly string[]): Promise<void> {
  const path = join(dir, "CURRENT");
  if (!names.includes("CURRENT")) throw corrupt(path, "is missing");
  const manifest = (await readFile(path, "utf8")).trimEnd();
  if (!/^MANIFEST-\d+$/.test(manifest)) throw corrupt(path, "names no manifest");
  if (!names.includes(manifest)) throw corrupt(join(dir, manifest), "is missing");
}

/** What to do next is the same for every damaged file. */
export function corrupt(path: string, fault: string, cause?: unknown): SextantError {
  const advice =
    "restore the data directory from a backup, or move it away, start with a higher --min-term (describe host says which) " +
    "and apply the documents again";
  return new SextantError("store_corrupt", `${path} ${fault}: ${advice}; hosts keep forwarding meanwhile`, { cause });
}
