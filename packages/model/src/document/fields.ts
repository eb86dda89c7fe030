import { z } from "zod";
import { isRoutableIp, parseIp, parseIpPrefix } from "../ip";
import { parseIpv6Prefix } from "../ipv6-prefix";
import { shortened } from "./shortened";

/** Most segments that a header may carry before the final destination; the packet path's maps are sized for it. */
export const MAX_SEGMENTS = 15;
/** Most port ranges of one list. */
const MAX_PORT_RANGES = 16;

/** Name of a document or a node. */
export const name = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/i,
    "must be 1 to 63 letters, digits, '-' or '.', starting and ending with a letter or digit",
  );

/** Free key-value pairs. */
export const labels = z.record(z.string(), z.string()).default({});

/** Administrative colours of links, and rules about them. */
export const colours = (what: string) => z.array(z.string()).max(64).default([]).describe(what);

/** A whole number in [low, high]. */
export const integer = (low: number, high: number) => z.int().min(low).max(high);

/** An address of either family that other nodes can send to. */
export const address = z.string().transform((text, context) => {
  const parsed = parseIp(text);
  if (parsed !== undefined && isRoutableIp(parsed)) return parsed;
  const fault = parsed === undefined ? "is not an IP address" : "is no address that other nodes can send to";
  context.addIssue({ code: "custom", message: `"${shortened(text)}" ${fault}` });
  return z.NEVER;
});

/** A prefix of either family. */
export const prefix = z.string().transform((text, context) => {
  const parsed = parseIpPrefix(text);
  if (parsed !== undefined) return parsed;
  const message = `"${shortened(text)}" is not a prefix like 2001:db8::/32 or 192.0.2.0/24 with its host bits zero`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** An IPv6 prefix. */
export const ipv6Prefix = z.string().transform((text, context) => {
  const parsed = parseIpv6Prefix(text);
  if (parsed !== undefined) return parsed;
  const message = `"${shortened(text)}" is not an IPv6 prefix like 2001:db8::/32 with its host bits zero`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const portRange = z.union([z.string(), z.number()]).transform((value, context) => {
  const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(String(value));
  const first = Number(match?.[1]);
  const last = match?.[2] === undefined ? first : Number(match[2]);
  if (match !== null && first >= 1 && last <= 65_535 && first <= last) return { first, last };
  context.addIssue({
    code: "custom",
    message: `"${shortened(String(value))}" is not a port or a range "first-last" within 1-65535`,
  });
  return z.NEVER;
});

/** Ports and ranges of ports. */
export const portRanges = z.array(portRange).max(MAX_PORT_RANGES).prefault([]);
