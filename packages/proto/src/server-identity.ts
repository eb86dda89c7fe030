import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import type { ChannelOptions, VerifyOptions } from "@grpc/grpc-js";

/** Sent as server name where the target is an address: RFC 6066 section 3 allows no address there, and grpc-js sends one. */
const UNNAMED = "sextant.invalid";

/** How a client makes sure that it talks to the right server over TLS. */
export interface ServerIdentity {
  readonly options: ChannelOptions;
  readonly verify: VerifyOptions;
}

/** The certificate must be issued for `name`, or for the host of `target` (`HOST:PORT`) when no name is given. */
export function serverIdentity(target: string, name: string | undefined): ServerIdentity {
  if (name !== undefined) {
    return { options: { "grpc.ssl_target_name_override": name, "grpc.default_authority": name }, verify: {} };
  }
  const host = /^\[?([^\]]+?)\]?(?::\d+)?$/.exec(target)?.[1] ?? "";
  if (isIP(host) === 0) return { options: {}, verify: {} };
  return {
    options: { "grpc.ssl_target_name_override": UNNAMED, "grpc.default_authority": target },
    verify: { checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) },
  };
}
