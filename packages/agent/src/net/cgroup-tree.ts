import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Directories looked at in one search: far more than a host has cgroups. */
const MAX_DIRECTORIES = 20_000;
/** What was found is looked for anew after this long, so that a second one of the same name is noticed. */
const REFRESH_INTERVAL_MS = 10_000;
/** A search may cost this share of the time between searches. */
const MAX_SEARCH_SHARE = 0.05;
/** Links to a directory without subdirectories; cgroup2 counts them right. */
const LEAF_LINKS = 2;

/** Containers by the cgroups that their runtimes make: Docker, containerd, CRI-O, Podman, or the bare id. */
const CONTAINER_DIRECTORY = /^(?:(?:docker|cri-containerd|crio|libpod)-)?([0-9a-f]{64})(?:\.scope)?$/;

/** What was found under a name. */
export type Located =
  | { readonly kind: "at"; readonly path: string }
  | { readonly kind: "nowhere" }
  | { readonly kind: "ambiguous"; readonly paths: readonly string[] };

/**
 * Finds the cgroups of systemd units and containers below a directory. At most one search of the tree between two calls of
 * `refresh`, none while everything asked for is where it was.
 */
export class CgroupTree {
  readonly #known = new Map<string, Located>();
  #directories: ReadonlyMap<string, readonly string[]> | undefined;
  #searchAgainMs = 0;
  #forgetMs = 0;
  #nowMs = 0;

  constructor(
    readonly base: string,
    private readonly maxDirectories = MAX_DIRECTORIES,
  ) {}

  /** Lets the next question search again. */
  refresh(nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs >= this.#searchAgainMs) this.#directories = undefined;
    if (nowMs < this.#forgetMs) return;
    this.#forgetMs = nowMs + REFRESH_INTERVAL_MS;
    this.#known.clear();
  }

  /**
   * The directory of a systemd unit: the outermost one of that name. systemd puts "_" in front of names that could be mistaken
   * for a file of the kernel's, like memory.service, and of those that begin with "_".
   */
  unit(name: string): Located {
    return this.#find(`unit ${name}`, (directories) => {
      const plain = name.startsWith("_") ? [] : (directories.get(name) ?? []);
      return outermost(plain.length > 0 ? plain : (directories.get(`_${name}`) ?? []));
    });
  }

  /** The directory of the container whose id begins so. */
  container(prefix: string): Located {
    return this.#find(`container ${prefix}`, (directories) => {
      const byId = new Map<string, string[]>();
      for (const [name, paths] of directories) {
        const id = CONTAINER_DIRECTORY.exec(name)?.[1];
        if (id?.startsWith(prefix) === true) byId.set(id, [...(byId.get(id) ?? []), ...paths]);
      }
      const [first, ...others] = byId.values();
      if (first === undefined) return { kind: "nowhere" };
      return others.length === 0 ? outermost(first, true) : { kind: "ambiguous", paths: [...byId.values()].flat() };
    });
  }

  #find(question: string, look: (directories: ReadonlyMap<string, readonly string[]>) => Located): Located {
    const known = this.#known.get(question);
    if (known?.kind === "at" && isDirectory(known.path)) return known;
    this.#directories ??= this.#search();
    const located = look(this.#directories);
    this.#known.set(question, located);
    return located;
  }

  /** All directories by name, outer ones first. */
  #search(): ReadonlyMap<string, readonly string[]> {
    const startedMs = performance.now();
    const byName = new Map<string, string[]>();
    const queue = [this.base];
    for (let next = 0; next < queue.length; next++) {
      for (const name of subdirectories(queue[next] ?? "")) {
        if (queue.length >= this.maxDirectories) break;
        const path = join(queue[next] ?? "", name);
        queue.push(path);
        byName.set(name, [...(byName.get(name) ?? []), path]);
      }
    }
    this.#searchAgainMs = this.#nowMs + (performance.now() - startedMs) / MAX_SEARCH_SHARE;
    return byName;
  }
}

/** The outermost of the paths, which come outer ones first; with `anyOf` the first of several at the same depth will do. */
function outermost(paths: readonly string[], anyOf = false): Located {
  const [first] = paths;
  if (first === undefined) return { kind: "nowhere" };
  const depth = (path: string) => path.split("/").length;
  const equals = paths.filter((path) => depth(path) === depth(first));
  return equals.length === 1 || anyOf ? { kind: "at", path: first } : { kind: "ambiguous", paths: equals };
}

/** Names of the directories inside; none when it went away meanwhile. */
function subdirectories(path: string): string[] {
  try {
    if (statSync(path).nlink === LEAF_LINKS) return [];
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
