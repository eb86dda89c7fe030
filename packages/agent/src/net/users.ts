import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { found, type Looked, missing } from "../reconcile/environment";

const PASSWD = "/etc/passwd";
/** Directories such as LDAP tell nobody of changes: they are asked again after this long. */
const REFRESH_INTERVAL_MS = 30_000;
const GETENT_TIMEOUT_MS = 5_000;
/** Highest user number; the one above means "unchanged" to system calls. */
const MAX_UID = 0xffff_fffe;

/** Asks for the lines of these users in the form of passwd(5); unknown ones have none. */
export type UserLookup = (names: readonly string[]) => Promise<string>;

/** Numbers of users by name, from every source that the host's name service switch has. */
export class Users {
  #uids: ReadonlyMap<string, number> = new Map();
  #asked = "";
  #askAgainMs = 0;

  constructor(
    private readonly lookup: UserLookup = getent,
    private readonly changedAt: () => number = () => statSync(PASSWD, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  ) {}

  /** Looks up these users; only asks when they are others, or the answers may have changed. */
  async refresh(users: readonly string[], nowMs: number): Promise<void> {
    const names = [...new Set(users)].filter((user) => numberOf(user) === undefined).sort();
    const asked = `${this.changedAt()} ${names.join(" ")}`;
    if (names.length === 0 || (asked === this.#asked && nowMs < this.#askAgainMs)) return;
    this.#asked = asked;
    this.#askAgainMs = nowMs + REFRESH_INTERVAL_MS;
    this.#uids = uidsFromPasswd(await this.lookup(names));
  }

  /** As of the last refresh; a number stands for itself. */
  uidOf(user: string): Looked<number> {
    const uid = numberOf(user) ?? this.#uids.get(user);
    return uid === undefined ? missing("user_unknown", `this host knows no user ${user}`) : found(uid);
  }
}

/** Names and numbers of lines in the form of passwd(5). */
export function uidsFromPasswd(text: string): Map<string, number> {
  const uids = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [name, , uid] = line.split(":");
    const number = numberOf(uid ?? "");
    if (name !== undefined && number !== undefined) uids.set(name, number);
  }
  return uids;
}

function numberOf(text: string): number | undefined {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  return number === undefined || number > MAX_UID ? undefined : number;
}

/** An exit code other than 0 only says that one of them is unknown. */
function getent(names: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile("getent", ["--", "passwd", ...names], { timeout: GETENT_TIMEOUT_MS }, (_error, stdout) => resolve(stdout));
  });
}
