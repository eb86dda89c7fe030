import { type EntryKey, HOST_SETTING_BOUNDS, type HostSettings, parseEntryKey, type Revised } from "@sextant/model";
import type { Delta, HostSettings as WireHostSettings } from "@sextant/proto";
import type { DesiredDelta } from "../pipeline/install";
import type { EntryState } from "../reconcile/held-entry";
import { entryFromProto } from "./entry-from-proto";

/** Reads a delta entry by entry: one that is malformed does not spoil the others. Removals of unknown form are ignored. */
export function deltaFromProto(wire: Delta): DesiredDelta {
  const entries = wire.upserts.map(entryFromProto);
  return {
    version: wire.version,
    upserts: entries.filter((entry): entry is Revised => "entry" in entry),
    removals: wire.removals.flatMap((key): EntryKey[] => {
      const known = parseEntryKey(key);
      return known === undefined ? [] : [known];
    }),
    full: wire.full,
    malformed: entries.filter((entry): entry is EntryState => "status" in entry),
  };
}

/** Reads settings; a value that is absent or out of bounds is the default or the nearest bound. */
export function settingsFromProto(wire: WireHostSettings | undefined): HostSettings {
  return {
    probeIntervalMs: within("probeIntervalMs", wire),
    probeMultiplier: within("probeMultiplier", wire),
    reportIntervalMs: within("reportIntervalMs", wire),
  };
}

function within(name: keyof HostSettings, wire: WireHostSettings | undefined): number {
  const { min, max, fallback } = HOST_SETTING_BOUNDS[name];
  const value = wire?.[name];
  return value === undefined || value === 0 ? fallback : Math.min(max, Math.max(min, value));
}
