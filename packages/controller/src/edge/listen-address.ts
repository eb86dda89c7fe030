import { isIPv4, isIPv6 } from "node:net";
import { SextantError } from "@sextant/model";

/** Where a server listens. `text` is what the operator wrote. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly text: string; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly text: string; readonly path: string };

/** Most bytes of a socket's path (sun_path of unix(7), the closing zero not counted). */
const MAX_UNIX_PATH_BYTES = 107;

/** Reads `ADDR:PORT`, `[ADDR]:PORT` or `unix:PATH`; SextantError `invalid_argument` otherwise. */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith("unix:")) return unixAddress(text);
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  const isAddress = match?.[1] === undefined ? isIPv4(host ?? "") || host === "localhost" : isIPv6(host ?? "");
  if (host === undefined || !isAddress || port > 65_535) {
    throw new SextantError("invalid_argument", `--listen ${text}: use ADDR:PORT, [IPV6]:PORT or unix:PATH`);
  }
  return { kind: "tcp", text, host, port };
}

/** True for sockets of this machine alone: 127.0.0.0/8, ::1, localhost and unix sockets. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === "unix") return true;
  return (
    address.host === "localhost" || address.host === "::1" || (isIPv4(address.host) && address.host.startsWith("127."))
  );
}

function unixAddress(text: string): ListenAddress {
  const path = text.slice("unix:".length);
  const bytes = Buffer.byteLength(path);
  if (!path.startsWith("/") || bytes > MAX_UNIX_PATH_BYTES) {
    throw new SextantError(
      "invalid_argument",
      `--listen ${text}: use unix:/PATH of at most ${MAX_UNIX_PATH_BYTES} bytes`,
    );
  }
  return { kind: "unix", text, path };
}
