import { readFileSync } from "node:fs";
import { type ChannelCredentials, type ChannelOptions, credentials } from "@grpc/grpc-js";
import { SextantError } from "@sextant/model";
import { serverIdentity, SESSION_KEEPALIVE } from "@sextant/proto";
import type { AgentConfig, TlsFiles } from "../config";

/** A full delta of the largest desired state is a few megabytes. */
const MAX_MESSAGE_BYTES = 32 << 20;

/**
 * Credentials of a session, read afresh at each dial so that renewed certificates are used. Plaintext without TLS files.
 * Throws SextantError `invalid_argument` when a file cannot be read or is no PEM.
 */
export function sessionCredentials({
  tls,
  controller,
  tlsServerName,
}: Pick<AgentConfig, "tls" | "controller" | "tlsServerName">): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { certFile, keyFile, caFile } = tls;
  const { verify } = serverIdentity(controller, tlsServerName);
  try {
    return credentials.createSsl(readFileSync(caFile), readFileSync(keyFile), readFileSync(certFile), verify);
  } catch (thrown) {
    throw unusable(tls, thrown);
  }
}

/** Channel options of a session. */
export function channelOptions({
  tls,
  controller,
  tlsServerName,
}: Pick<AgentConfig, "tls" | "controller" | "tlsServerName">): ChannelOptions {
  return {
    ...SESSION_KEEPALIVE,
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    "grpc.use_local_subchannel_pool": 1,
    ...(tls === undefined ? {} : serverIdentity(controller, tlsServerName).options),
  };
}

function unusable({ certFile, keyFile, caFile }: TlsFiles, thrown: unknown): SextantError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const message = `cannot use ${certFile}, ${keyFile}, ${caFile}: ${reason}`;
  return new SextantError("invalid_argument", message, { cause: thrown });
}
