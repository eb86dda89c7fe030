import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SextantError } from "@sextant/model";
import { type Exports, exposition } from "./exposition";
import { MAX_CONNECTIONS, MAX_SCRAPES, PATIENCE_MS } from "./limits";
import type { MetricsAddress } from "./metrics-address";

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** An endpoint that answers. */
export interface MetricsServer {
  /** As clients write it, with the port that was taken: `127.0.0.1:9464`. */
  readonly address: string;
  /** Ends the answers under way too. */
  close(): Promise<void>;
}

/**
 * Serves `/metrics` over HTTP in plaintext: whoever reaches the address reads them. Throws SextantError `port_in_use`,
 * `permission_denied`, or `invalid_argument` for an address that this machine does not have.
 */
export async function serveMetrics(address: MetricsAddress, exports: Exports): Promise<MetricsServer> {
  const scrapes = new Scrapes(exports);
  const server = createServer({ requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS }, (request, response) =>
    answer(request, response, scrapes),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = PATIENCE_MS;
  const port = await listen(server, address);
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return { address: `${host}:${port}`, close: () => close(server) };
}

/** The answers under way: so many at a time, because each reads all there is. */
class Scrapes {
  #running = 0;

  constructor(private readonly exports: Exports) {}

  async answer(response: ServerResponse): Promise<void> {
    if (this.#running >= MAX_SCRAPES) {
      refuse(response, 503, `${MAX_SCRAPES} scrapes are under way: try again later`, { "Retry-After": "1" });
      return;
    }
    this.#running += 1;
    try {
      response.writeHead(200, { "Content-Type": CONTENT_TYPE });
      await pipeline(Readable.from(exposition(this.exports)), response);
    } catch {
      // The reader left, or a row could not be read: half an answer must not look like a whole one.
      response.destroy();
    } finally {
      this.#running -= 1;
    }
  }
}

function answer({ method = "", url = "" }: IncomingMessage, response: ServerResponse, scrapes: Scrapes): void {
  const path = url.split("?", 1)[0];
  if (path !== "/metrics") refuse(response, 404, "nothing is here: metrics are under /metrics");
  else if (method === "HEAD") response.writeHead(200, { "Content-Type": CONTENT_TYPE }).end();
  else if (method !== "GET") refuse(response, 405, "use GET", { Allow: "GET, HEAD" });
  else void scrapes.answer(response);
}

/** Closes the connection too: what else the client sends with the request is not read. */
function refuse(response: ServerResponse, status: number, words: string, headers: Record<string, string> = {}): void {
  response
    .writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close", ...headers })
    .end(`${words}\n`);
}

function listen(server: Server, { text, host, port }: MetricsAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(text, error)));
    server.listen({ host, port }, () => {
      const taken = server.address();
      resolve(typeof taken === "object" && taken !== null ? taken.port : port);
    });
  });
}

function explain(text: string, cause: NodeJS.ErrnoException): SextantError {
  if (cause.code === "EADDRINUSE") {
    const message = `${text} is in use by another process: stop it, or choose another --metrics address`;
    return new SextantError("port_in_use", message, { cause });
  }
  const isRefused = cause.code === "EACCES";
  const words = isRefused ? "not permitted; choose another port" : cause.message;
  return new SextantError(isRefused ? "permission_denied" : "invalid_argument", `--metrics ${text}: ${words}`, {
    cause,
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
