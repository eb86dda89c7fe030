import { SextantError } from "@sextant/model";
import { Redis } from "ioredis";
import { Sequence } from "./sequence";
import { type DocumentRecord, documentKey } from "../pipeline/document-record";
import type { Store, StoreBatch } from "./store";
import { decodeDocument, encodeDocument } from "./stored-document";

const DOCUMENTS_KEY = "sextant:documents";
const TERM_KEY = "sextant:term";
const COMMAND_TIMEOUT_MS = 5_000;

/**
 * Opens the store in a Redis server, `redis://[user:password@]host:port/db`, `rediss://` or `redis+unix:///path`. All
 * documents are fields of one hash. Redis keeps what it acknowledged only with `appendonly yes` and `appendfsync always`.
 * Several controllers may have it open; the one with the highest term owns it and commits of the others fail with
 * `store_locked`.
 */
export async function openRedisStore(url: string): Promise<Store> {
  const options = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    // Runs its whole length after a failed dial, and would hold the process up for that long.
    disconnectTimeout: 100,
  } as const;
  const path = /^redis\+unix:\/\/(\/.+)$/.exec(url)?.[1];
  const redis = path === undefined ? new Redis(url, options) : new Redis({ ...options, path });
  const description = `Redis at ${path ?? withoutSecrets(url)}`;
  const connection = new Connection(redis);
  try {
    await redis.connect();
    return new RedisStore(redis, connection, description);
  } catch (error) {
    redis.disconnect();
    throw explain(description, error, connection.trouble);
  }
}

/** Commands on a lost connection fail without a reason: that comes as an event. Redialling goes on by itself. */
class Connection {
  trouble = "";

  constructor(redis: Redis) {
    redis.on("error", (error: Error) => {
      this.trouble = error.message;
    });
    redis.on("ready", () => {
      this.trouble = "";
    });
  }
}

class RedisStore implements Store {
  readonly #sequence = new Sequence();
  /** The term this controller took; commits hold only while it is the newest. */
  #term: bigint | undefined;

  constructor(
    readonly redis: Redis,
    readonly connection: Connection,
    readonly description: string,
  ) {}

  load(): Promise<readonly DocumentRecord[]> {
    return this.#run(async () => {
      const fields = await this.redis.hgetall(DOCUMENTS_KEY);
      return Object.entries(fields)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([field, text]) => decodeDocument(`field ${field} of ${DOCUMENTS_KEY} in ${this.description}`, text));
    });
  }

  commit({ puts, deletes }: StoreBatch): Promise<void> {
    return this.#run(async () => {
      await this.redis.watch(TERM_KEY);
      try {
        await this.#requireNewestTerm();
        const transaction = this.redis.multi();
        for (const id of deletes) transaction.hdel(DOCUMENTS_KEY, documentKey(id));
        for (const document of puts) transaction.hset(DOCUMENTS_KEY, documentKey(document), encodeDocument(document));
        const replies = await transaction.exec();
        // A null reply means that the watched term moved between the check and EXEC.
        if (replies === null) throw this.#superseded();
        const failed = replies.find(([error]) => error !== null)?.[0];
        if (failed) throw failed;
      } catch (error) {
        await this.redis.unwatch().catch(() => undefined);
        throw error;
      }
    });
  }

  nextTerm(atLeast = 1n): Promise<bigint> {
    return this.#run(async () => {
      const next = BigInt(await this.redis.incr(TERM_KEY));
      // Added, not set: two controllers that start at once never get the same term.
      this.#term = next < atLeast ? BigInt(await this.redis.incrby(TERM_KEY, String(atLeast - next))) : next;
      return this.#term;
    });
  }

  async close(): Promise<void> {
    await this.#sequence.run(async () => {
      await this.redis.quit().catch(() => {
        this.redis.disconnect();
      });
    });
  }

  async #requireNewestTerm(): Promise<void> {
    if (this.#term === undefined) return;
    const newest = await this.redis.get(TERM_KEY);
    if (newest !== String(this.#term)) throw this.#superseded();
  }

  #superseded(): SextantError {
    const message = `${this.description} was taken over by a controller with a newer term: stop one of the two`;
    return new SextantError("store_locked", message);
  }

  #run<T>(action: () => Promise<T>): Promise<T> {
    return this.#sequence.run(async () => {
      try {
        return await action();
      } catch (error) {
        throw explain(this.description, error, this.connection.trouble);
      }
    });
  }
}

function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function explain(description: string, error: unknown, trouble: string): SextantError {
  if (error instanceof SextantError) return error;
  const causes = (error as { previousErrors?: unknown[] }).previousErrors ?? [];
  const messages = [error, ...causes].map((one) => String((one as { message?: unknown }).message ?? one));
  const text = [...messages, ...(trouble === "" ? [] : [trouble])].join("; ");
  const cause = { cause: error };
  if (/^(OOM|MISCONF)|; (OOM|MISCONF)/.test(text)) {
    return new SextantError(
      "store_full",
      `${description} refuses writes (${text}): give it memory or disk space and apply again`,
      cause,
    );
  }
  if (/NOAUTH|WRONGPASS|NOPERM/.test(text)) {
    return new SextantError(
      "permission_denied",
      `${description} refuses this user (${text}): check the user and password in --store`,
      cause,
    );
  }
  if (text.includes("WRONGTYPE")) {
    return new SextantError(
      "store_corrupt",
      `${DOCUMENTS_KEY} in ${description} is no hash: restore it from a backup or choose another database`,
      cause,
    );
  }
  return new SextantError(
    "unavailable",
    `${description} does not answer (${text}): check that it runs and can be reached`,
    cause,
  );
}
