import { hash } from "node:crypto";
import type { Brand } from "./brand";
import type { Encapsulation } from "./encapsulation";
import type { Sid } from "./sid";

/** Name of a segment list in desired state, `list/<16 hex digits>`: the digits are a hash of its content. */
export type ListKey = Brand<string, "ListKey">;
/** Name of a policy in desired state, `policy/<intent>/<endpoint>`. */
export type PolicyKey = Brand<string, "PolicyKey">;
/** Name of the one entry that describes the SR domain. */
export const DOMAIN_KEY = "domain";
/** Name of the one entry that says how the host's lists are probed. */
export const PROBING_KEY = "probing";
/** Name of anything in a host's desired state. */
export type EntryKey = ListKey | PolicyKey | typeof DOMAIN_KEY | typeof PROBING_KEY;

const HASH_DIGITS = 16;

/** Where digits are copied to: a part of a longer text would keep all of it. */
const digits = Buffer.alloc(HASH_DIGITS);

/** The first 64 bits of SHA-256 over UTF-8 text, as 16 lower-case hex digits. */
export function contentHash(text: string): string {
  digits.write(hash("sha256", text), "latin1");
  return digits.toString("latin1");
}

/** What makes a segment list what it is. */
export interface ListContent {
  readonly encapsulation: Encapsulation;
  readonly segments: readonly Sid[];
  readonly probeSegments: readonly Sid[];
  readonly alternateProbeSegments: readonly Sid[];
  readonly signingKeyId: number | undefined;
}

/** Key of a segment list: equal content has an equal key, on every machine and run. */
export function listKey(content: ListContent): ListKey {
  const { encapsulation, segments, probeSegments, alternateProbeSegments, signingKeyId } = content;
  const alternate = alternateProbeSegments.length === 0 ? "" : `|or ${alternateProbeSegments.join(",")}`;
  const how = encapsulation === "insert" ? "" : `|${encapsulation}`;
  const signed = signingKeyId === undefined ? "" : `|key ${signingKeyId}`;
  const text = `${segments.join(",")}|${probeSegments.join(",")}${alternate}${how}${signed}`;
  return `list/${contentHash(text)}` as ListKey;
}

/**
 * Key of the policy that an intent gives for one endpoint: a host's name, a prefix or a DNS name. The way back from an
 * endpoint has a key of its own: hosts may be source and endpoint of the same intent.
 */
export function policyKey(intent: string, endpoint: string, direction: "forward" | "return" = "forward"): PolicyKey {
  return `policy/${intent}/${endpoint}${direction === "return" ? "/return" : ""}` as PolicyKey;
}

/** Recognises a key that came from outside; undefined when it has none of the four forms. */
export function parseEntryKey(text: string): EntryKey | undefined {
  const known =
    text === DOMAIN_KEY ||
    text === PROBING_KEY ||
    /^list\/[0-9a-f]{16}$/.test(text) ||
    /^policy\/[^/\s]{1,63}\/\S{1,270}$/.test(text);
  return known ? (text as EntryKey) : undefined;
}

/**
 * Name of one direction of a link between controller and hosts: the first 64 bits of SHA-256 over the link's name in the topology, a space and
 * the name of the node that it leaves.
 */
export function directedLinkKey(link: string, from: string): bigint {
  return BigInt(`0x${contentHash(`${link} ${from}`)}`);
}

/** True for keys of segment lists. */
export function isListKey(key: string): key is ListKey {
  return key.startsWith("list/");
}

/** True for keys of policies. */
export function isPolicyKey(key: string): key is PolicyKey {
  return key.startsWith("policy/");
}

/** Hashes of policies' names: each is wanted many times a second. Starts again empty when full. */
const POLICY_HASHES = new Map<PolicyKey, bigint>();
const MAX_POLICY_HASHES = 131_072;

/** The 64-bit key of a list or policy in the kernel: a list's own digits, the hash of a policy's name. */
export function kernelKeyOf(key: ListKey | PolicyKey): bigint {
  if (isListKey(key)) return BigInt(`0x${key.slice("list/".length)}`);
  const known = POLICY_HASHES.get(key);
  if (known !== undefined) return known;
  if (POLICY_HASHES.size >= MAX_POLICY_HASHES) POLICY_HASHES.clear();
  const hash = BigInt(`0x${contentHash(key)}`);
  POLICY_HASHES.set(key, hash);
  return hash;
}
