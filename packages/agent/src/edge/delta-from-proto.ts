import { type EntryKey, type HostSettings, parseEntryKey, type Revised } from "@sextant/model";
import type { Delta, HostSettings as WireHostSettings } from "@sextant/proto";
import type { DesiredDelta } from "../pipeline/install";
import type { EntryState } from "../reconcile/held-entry";
import { entryFromProto } from "./entry-from-proto";

/** How a host probes and reports until a controller says otherwise. */
export const DEFAULT_SETTINGS: HostSettings = { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 };

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
  const { probeIntervalMs, probeMultiplier, reportIntervalMs } = DEFAULT_SETTINGS;
  return {
    probeIntervalMs: within(wire?.probeIntervalMs, probeIntervalMs, 10, 60_000),
    probeMultiplier: within(wire?.probeMultiplier, probeMultiplier, 2, 10),
    reportIntervalMs: within(wire?.reportIntervalMs, reportIntervalMs, 100, 60_000),
  };
}

function within(value: number | undefined, fallback: number, min: number, max: number): number {
  return value === undefined || value === 0 ? fallback : Math.min(max, Math.max(min, value));
}
