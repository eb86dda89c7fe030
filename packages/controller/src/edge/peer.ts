import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { AGENT_ORGANISATION, OPERATOR_ORGANISATION, SextantError } from "@sextant/model";

/** Who is at the other end: whoever reached a plaintext listener, or the holder of a verified certificate. */
export type Peer =
  | { readonly kind: "plaintext"; readonly address: string }
  | {
      readonly kind: "certificate";
      readonly address: string;
      readonly commonName: string;
      readonly organisations: readonly string[];
    };

/** Any call that a peer made. */
export type AnyCall = Pick<
  ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>,
  "getAuthContext" | "getPeer"
>;

/** The peer of a call. The TLS handshake has verified the certificate's chain already. */
export function peerOf(call: AnyCall): Peer {
  const address = call.getPeer();
  const { transportSecurityType, sslPeerCertificate } = call.getAuthContext();
  if (transportSecurityType === undefined) return { kind: "plaintext", address };
  const { CN, O } = (sslPeerCertificate?.subject ?? {}) as { CN?: string | string[]; O?: string | string[] };
  const [commonName = ""] = [CN ?? []].flat();
  return { kind: "certificate", address, commonName, organisations: [O ?? []].flat() };
}

/** Throws SextantError `permission_denied` unless the peer may use the operators' API. */
export function requireOperator(peer: Peer): void {
  if (peer.kind === "plaintext" || peer.organisations.includes(OPERATOR_ORGANISATION)) return;
  throw new SextantError(
    "permission_denied",
    `${describe(peer)} is no operator: organisation ${OPERATOR_ORGANISATION} is needed`,
  );
}

/** Throws SextantError `permission_denied` unless the peer may have the session of that host. */
export function requireAgentOf(peer: Peer, host: string): void {
  if (peer.kind === "plaintext") return;
  if (!peer.organisations.includes(AGENT_ORGANISATION)) {
    throw new SextantError(
      "permission_denied",
      `${describe(peer)} is no agent: organisation ${AGENT_ORGANISATION} is needed`,
    );
  }
  if (peer.commonName !== host) {
    throw new SextantError(
      "permission_denied",
      `${describe(peer)} may not act for host "${host}": its common name must be that`,
    );
  }
}

function describe(peer: Extract<Peer, { kind: "certificate" }>): string {
  return `certificate "${peer.commonName}" (${peer.organisations.join(", ") || "no organisation"})`;
}
