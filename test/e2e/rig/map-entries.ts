import { STRUCT_LAYOUTS } from "../../../packages/agent/src/bpf/struct-layouts";
import { command, type Rig, said } from "./rig";

/** An entry of a pinned map, every byte as `0x2f`. */
export interface MapEntry {
  readonly key: readonly string[];
  readonly value: readonly string[];
}

/** Arrays, whose free entries have the key 0 in this field. */
const ARRAYS = { policies: STRUCT_LAYOUTS.sxt_policy.key, lists: STRUCT_LAYOUTS.sxt_list.key } as const;
const KEY_BYTES = 8;
/** The lowest free index is taken first, and journeys have few entries. */
const INDICES = 8;

export type ReadableMap = keyof typeof ARRAYS | "destinations" | "domain_sources" | "senders";

/** What is in use of a map of a host's agent, as bpftool sees it. */
export async function mapEntries(rig: Rig, host: string, map: ReadableMap): Promise<readonly MapEntry[]> {
  const pin = rig.pin(host, map);
  if (!isArray(map))
    return JSON.parse(said(await command(["bpftool", "-j", "map", "dump", "pinned", pin]))) as MapEntry[];
  const all = await Promise.all(Array.from({ length: INDICES }, (_, index) => elementAt(pin, index)));
  return all.filter(({ value }) => value.slice(ARRAYS[map], ARRAYS[map] + KEY_BYTES).some((byte) => byte !== "0x00"));
}

/** Takes an entry out of a map as somebody else would: arrays keep their entries, so one of theirs is wiped. */
export async function eraseEntry(rig: Rig, host: string, map: ReadableMap, { key, value }: MapEntry): Promise<void> {
  const action = isArray(map) ? "update" : "delete";
  const zeros = isArray(map) ? ["value", ...value.map(() => "0")] : [];
  said(await command(["bpftool", "map", action, "pinned", rig.pin(host, map), "key", ...key, ...zeros]));
}

function isArray(map: ReadableMap): map is keyof typeof ARRAYS {
  return map in ARRAYS;
}

async function elementAt(pin: string, index: number): Promise<MapEntry> {
  const key = ["key", String(index), "0", "0", "0"];
  return JSON.parse(said(await command(["bpftool", "-j", "map", "lookup", "pinned", pin, ...key]))) as MapEntry;
}
