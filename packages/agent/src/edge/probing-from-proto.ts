import { type DesiredListProbing, type DesiredProbing, isListKey, parseEntryKey, PROBING_KEY } from "@sextant/model";
import type { ListProbing as WireListProbing, ProbingEntry } from "@sextant/proto";
import { check, count, Malformed } from "./malformed";

/** Beyond them an entry is malformed. A zero stands for the host's setting where there is one. */
const LIMITS = {
  lists: 65_536,
  links: 127,
  intervalUs: { min: 1_000, max: 60_000_000 },
  multiplier: { min: 2, max: 10 },
  lossPpm: 1_000_000,
  violationMs: { min: 1, max: 3_600_000 },
} as const;

/** Reads how a host is to probe its lists. It may name lists that the host does not have: they come, or have gone. Throws Malformed. */
export function probingFromProto({ lists }: ProbingEntry): DesiredProbing {
  count("lists", lists.length, 0, LIMITS.lists);
  const read = lists.map(listProbingFromProto);
  const keys = new Set(read.map(({ list }) => list));
  check(keys.size === read.length, "lists: one of them comes twice");
  return { kind: "probing", key: PROBING_KEY, lists: read };
}

function listProbingFromProto(wire: WireListProbing, index: number): DesiredListProbing {
  const at = `lists[${index}]`;
  const key = parseEntryKey(wire.list);
  if (key === undefined || !isListKey(key)) {
    throw new Malformed(`${at}.list: ${JSON.stringify(wire.list)} is no key of a segment list`);
  }
  count(`${at}.links`, wire.links.length, 0, LIMITS.links);
  const within = (field: "intervalUs" | "multiplier" | "violationMs") => {
    const { min, max } = LIMITS[field];
    const value = wire[field];
    const isSetting = value === 0 && field !== "violationMs";
    check(isSetting || (value >= min && value <= max), `${at}.${field} ${value}: expected ${min} to ${max}`);
    return value;
  };
  check(
    (wire.maxLossPpm ?? 0) <= LIMITS.lossPpm,
    `${at}.maxLossPpm ${wire.maxLossPpm ?? 0}: expected at most ${LIMITS.lossPpm}`,
  );
  return {
    list: key,
    intervalUs: within("intervalUs"),
    multiplier: within("multiplier"),
    links: wire.links,
    maxDelayUs: wire.maxDelayUs,
    maxLossPpm: wire.maxLossPpm,
    violationMs: within("violationMs"),
  };
}
