import { chmod, lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { SextantError } from "@sextant/model";
import type { ListenAddress } from "./listen-address";

/** Only the owner may reach a unix socket. */
const SOCKET_UMASK = 0o177;
const SOCKET_MODE = 0o600;

/**
 * Listens on an address; returns it as clients write it, with the port that was taken. TCP uses `tls` when given. A socket
 * file that nobody listens on is replaced. Throws SextantError `port_in_use`, `permission_denied` or `invalid_argument`.
 */
export async function bind(
  server: Server,
  address: ListenAddress,
  tls: ServerCredentials | undefined,
): Promise<string> {
  switch (address.kind) {
    case "tcp": {
      const host = address.host.includes(":") ? `[${address.host}]` : address.host;
      const port = await listen(server, address, `${host}:${address.port}`, tls ?? ServerCredentials.createInsecure());
      return `${host}:${port}`;
    }
    case "unix":
      await bindUnix(server, address);
      return address.text;
  }
}

async function bindUnix(server: Server, address: Extract<ListenAddress, { kind: "unix" }>): Promise<void> {
  await removeStaleSocket(address);
  // The socket must not be open to others for a moment either. Nothing else creates files while a controller starts.
  const umask = process.umask(SOCKET_UMASK);
  try {
    await listen(server, address, address.text, ServerCredentials.createInsecure());
    await chmod(address.path, SOCKET_MODE);
  } finally {
    process.umask(umask);
  }
}

function listen(
  server: Server,
  address: ListenAddress,
  target: string,
  credentials: ServerCredentials,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(target, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(explain(address, error));
    });
  });
}

async function removeStaleSocket({ path, text }: { readonly path: string; readonly text: string }): Promise<void> {
  const file = await lstat(path).catch(() => undefined);
  if (file === undefined) return;
  if (!file.isSocket())
    throw new SextantError("invalid_argument", `--listen ${text}: the file exists and is no socket`);
  if (await isAnswered(path)) throw portInUse(text);
  await unlink(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => done(true));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      done(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"),
    );
  });
}

function explain({ text }: ListenAddress, error: Error): SextantError {
  const options = { cause: error };
  if (/EADDRINUSE/.test(error.message)) return portInUse(text, error);
  if (/EACCES|EPERM/.test(error.message)) {
    return new SextantError(
      "permission_denied",
      `--listen ${text}: not permitted; choose another port, or a path in a directory that exists and can be written`,
      options,
    );
  }
  return new SextantError("invalid_argument", `--listen ${text}: ${error.message}`, options);
}

function portInUse(text: string, cause?: unknown): SextantError {
  const message = `${text} is in use by another process: stop it, or choose another --listen address`;
  return new SextantError("port_in_use", message, { cause });
}
