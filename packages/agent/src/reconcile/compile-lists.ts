import {
  type DesiredList,
  type DesiredPolicy,
  DOMAIN_KEY,
  type EntryKey,
  type Ipv6Address,
  isIpv4,
  isListKey,
  isPolicyKey,
  kernelKeyOf,
  type ListKey,
} from "@sextant/model";
import type { CompileInput } from "./compile-input";
import type { KernelList } from "./data-plane";
import { type Entries, type EntryReason, entryOfKind } from "./held-entry";
import { headerBytes } from "./header-bytes";
import { compareText } from "./precedence";

const UNSPECIFIED = "::" as Ipv6Address;

/** What becomes of one wanted entry. */
export type Verdict<T> =
  /** `usable`: packets can take it now. `note`: what a person should know all the same. */
  { readonly kind: "ready"; readonly value: T; readonly usable: boolean; readonly note?: Note } | Refusal;

/** Verdicts on lists by their keys. */
export type ListVerdicts = ReadonlyMap<ListKey, Verdict<KernelList>>;

/** Why an entry is not in the kernel. */
export type Refusal = { readonly kind: "waiting" | "rejected" } & Note;

/** A reason with its sentence. */
export interface Note {
  readonly reason: EntryReason;
  readonly message: string;
}

/** Verdict on every segment list that is wanted, or that an installed policy version still uses. */
export function compileLists(input: CompileInput): Map<ListKey, Verdict<KernelList>> {
  const verdicts = new Map<ListKey, Verdict<KernelList>>();
  const source = outerSource(input);
  let room = input.limits.maxLists;
  for (const key of listsByPriority(input)) {
    const list = entryOfKind(input.held.wanted, key, "list");
    if (list === undefined) continue;
    const verdict =
      room > 0 ? listVerdict(input, list, source) : mapFull(`the host holds ${input.limits.maxLists} lists`);
    if (verdict.kind === "ready") room--;
    verdicts.set(key, verdict);
  }
  for (const key of input.held.installed.keys()) {
    const list = entryOfKind(input.held.installed, key, "list");
    if (list !== undefined && !verdicts.has(list.key)) verdicts.set(list.key, listVerdict(input, list, source));
  }
  return verdicts;
}

/** Refusal of an entry for which the kernel has no room. */
export function mapFull(detail: string): Refusal {
  return { kind: "rejected", reason: "map_full", message: `no room in the kernel: ${detail}` };
}

/** The address that outer headers and probes start from: the first IPv6 one that the domain gives this host. */
export function firstIpv6(entries: Entries): Ipv6Address | undefined {
  return entryOfKind(entries, DOMAIN_KEY, "domain")?.addresses.find(
    (address): address is Ipv6Address => !isIpv4(address),
  );
}

function outerSource({ held, refused }: CompileInput): Ipv6Address | undefined {
  return firstIpv6(refused.domain !== undefined ? held.installed : held.wanted);
}

/**
 * A list that the kernel already holds keeps its secret, and stays with its counters while its first segment has no route; but
 * it is invalid then (RFC 9256 section 5.1). Probes cannot tell: none can be sent. A new one waits for a route. One whose key is
 * gone keeps the header that was signed with it.
 */
function listVerdict(input: CompileInput, list: DesiredList, source: Ipv6Address | undefined): Verdict<KernelList> {
  const [firstSegment] = list.segments;
  if (firstSegment === undefined)
    return { kind: "rejected", reason: "invalid_entry", message: "a list needs a segment" };
  const unfit = structuralRefusal(input, list);
  if (unfit !== undefined) return unfit;
  const key = kernelKeyOf(list.key);
  const full = input.refused.lists.get(key);
  if (full !== undefined) return mapFull(full);
  const known = input.current.lists.get(key);
  const made = headerOf(input, list, source);
  const header = made instanceof Uint8Array ? made : known?.header;
  if (header === undefined) return made as Refusal;
  const route = input.environment.routeTo(firstSegment);
  const { nextHop, mtu } = route ?? known ?? {};
  if (nextHop === undefined || mtu === undefined) return noRoute(firstSegment);
  const encapsulation = list.encapsulation === "insert" ? "insert" : "encap";
  const value = { encapsulation, header, firstSegment, nextHop, mtu, nonce: known?.nonce ?? input.newNonce() } as const;
  const note = made instanceof Uint8Array ? {} : { note: made };
  return { kind: "ready", value, usable: route !== undefined, ...note };
}

function noRoute(firstSegment: string): Refusal {
  return { kind: "waiting", reason: "no_route", message: `no uplink has a route to the first segment ${firstSegment}` };
}

/** What cannot change on this host. An outer header's last segment is where an inserted list has the packet's destination. */
function structuralRefusal({ limits }: CompileInput, list: DesiredList): Refusal | undefined {
  const { encapsulation, segments, signingKeyId } = list;
  const most = limits.maxSegments + (encapsulation === "insert" ? 0 : 1);
  if (segments.length > most) {
    const message = `${segments.length} segments, this host puts at most ${most} on a packet`;
    return { kind: "rejected", reason: "too_many_segments", message };
  }
  if (encapsulation === "insert" && signingKeyId !== undefined) {
    const message = "an inserted list cannot be signed: its last segment is each packet's own destination";
    return { kind: "rejected", reason: "unsupported_mode", message };
  }
  return undefined;
}

/** The header, or what it waits for. An inserted one has no source. */
function headerOf(
  { environment }: CompileInput,
  { encapsulation, segments, signingKeyId }: DesiredList,
  source: Ipv6Address | undefined,
): Uint8Array | Refusal {
  if (source === undefined && encapsulation !== "insert") {
    const message = "the domain gives this host no IPv6 address for the source of outer headers";
    return { kind: "waiting", reason: "no_source_address", message };
  }
  const secret = signingKeyId === undefined ? undefined : environment.signingKey(signingKeyId);
  if (secret?.kind === "missing") return { ...secret, kind: "waiting" };
  return headerBytes({ encapsulation, segments, source: source ?? UNSPECIFIED, signingKey: secret?.value }).header;
}

/** Wanted lists, those of the policies of highest priority first, then the unused ones by key. */
function listsByPriority({ held }: CompileInput): Set<ListKey> {
  const used = wantedPolicies(held.wanted)
    .sort((a, b) => b.priority - a.priority || compareText(a.key, b.key))
    .flatMap((policy) => policy.candidates.flatMap(({ lists }) => lists.map(({ list }) => list)));
  return new Set([...used, ...[...held.wanted.keys()].filter(isListKey).sort()]);
}

/** All policies among the entries, in no particular order. */
export function wantedPolicies(entries: Entries): DesiredPolicy[] {
  return [...entries.keys()]
    .filter((key: EntryKey) => isPolicyKey(key))
    .flatMap((key) => {
      const policy = entryOfKind(entries, key, "policy");
      return policy === undefined ? [] : [policy];
    });
}
