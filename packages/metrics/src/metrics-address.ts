import { isIPv4, isIPv6 } from "node:net";
import { SextantError } from "@sextant/model";

/** Where metrics are served. `text` is what the operator wrote. */
export interface MetricsAddress {
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

/** Reads `ADDR:PORT` or `[IPV6]:PORT`; SextantError `invalid_argument` otherwise. */
export function parseMetricsAddress(text: string): MetricsAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? "";
  const port = Number(match?.[3]);
  const isAddress = match?.[1] === undefined ? isIPv4(host) || host === "localhost" : isIPv6(host);
  if (isAddress && port <= 65_535) return { text, host, port };
  throw new SextantError("invalid_argument", `--metrics ${text}: use ADDR:PORT or [IPV6]:PORT`);
}
