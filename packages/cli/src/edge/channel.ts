import { readFileSync } from "node:fs";
import { type ChannelCredentials, type ChannelOptions, credentials, type VerifyOptions } from "@grpc/grpc-js";
import { SextantError } from "@sextant/model";
import { serverIdentity } from "@sextant/proto";
import type { ConnectionOptions } from "../connection-options";

/** Largest answer read: every intent of a large network with its status. */
const MAX_RECEIVE_BYTES = 256 * 1024 * 1024;

/** A watch that waits for a controller to return asks about this often. */
const MAX_REDIAL_MS = 2_000;

/** What a gRPC client needs to reach the controller. */
export interface Channel {
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
}

/**
 * TLS when any TLS option is given; otherwise plaintext, but only to a unix socket or a loopback address, or with `insecure`.
 * Throws SextantError `invalid_argument` for anything else, and for files that cannot be read.
 */
export function channelFor(connection: ConnectionOptions): Channel {
  const { server, tlsCa, tlsCert, tlsKey, tlsServerName } = connection;
  const options: ChannelOptions = {
    "grpc.max_receive_message_length": MAX_RECEIVE_BYTES,
    "grpc.max_reconnect_backoff_ms": MAX_REDIAL_MS,
  };
  if (tlsCa === undefined && tlsCert === undefined && tlsKey === undefined && tlsServerName === undefined) {
    if (!isLocal(server) && connection.insecure !== true) {
      throw new SextantError(
        "invalid_argument",
        `${server} is not on this machine: give --tls-ca, --tls-cert and --tls-key, or --insecure to do without encryption`,
      );
    }
    return { target: server, credentials: credentials.createInsecure(), options };
  }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new SextantError("invalid_argument", "--tls-cert and --tls-key belong together: give both");
  }
  const identity = serverIdentity(server, tlsServerName);
  return {
    target: server,
    credentials: tlsCredentials(identity.verify, tlsCa, tlsKey, tlsCert),
    options: { ...options, ...identity.options },
  };
}

/** True for unix sockets and loopback addresses. */
export function isLocal(server: string): boolean {
  return /^(unix:|localhost(:|$)|127(\.\d{1,3}){3}(:|$)|\[::1\](:|$))/.test(server);
}

function tlsCredentials(verify: VerifyOptions, ca?: string, key?: string, cert?: string): ChannelCredentials {
  const read = (option: string, file?: string) => (file === undefined ? null : readPem(option, file));
  const parts = [read("--tls-ca", ca), read("--tls-key", key), read("--tls-cert", cert)] as const;
  try {
    return credentials.createSsl(...parts, verify);
  } catch (cause) {
    throw new SextantError("invalid_argument", `the TLS files cannot be used: ${(cause as Error).message}`, { cause });
  }
}

function readPem(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new SextantError("invalid_argument", `${option}: ${(cause as Error).message}`, { cause });
  }
}
