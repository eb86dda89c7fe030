import type { Link } from "@sextant/model";
import { SextantError } from "@sextant/model";

/** The two directions of a link, as the topology names them. */
export const DIRECTIONS = ["aToB", "bToA"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What one direction of a link does to packets. */
export interface DirectionSettings {
  readonly delayUs: number;
  /** Random loss in packets per million. */
  readonly lossPpm: number;
  /** Undefined: as fast as the machine. */
  readonly rateMbps: number | undefined;
  /** Packets vanish and nothing else changes. */
  readonly blackhole: boolean;
}

/** Links carry this much unless told otherwise, so that a host's 1500 bytes always fit with any segment list. */
export const LINK_MTU = 9_000;
/** What IPv6 asks of every link (RFC 8200 section 5). */
const MIN_MTU = 1_280;

/** What a link is told to be; what it is follows from this and from its nodes. */
export interface LinkSettings {
  /** `down`: no carrier at either end. */
  readonly state: "up" | "down";
  /** IP bytes of the largest packet, in both directions. */
  readonly mtu: number;
  readonly aToB: DirectionSettings;
  readonly bToA: DirectionSettings;
}

/** Which of the topology's numbers a lab emulates. */
export interface EmulationOptions {
  readonly delay: boolean;
  readonly loss: boolean;
  /** Limits links to their `capacityMbps`. */
  readonly capacity: boolean;
}

/** What can be asked of a link. An undefined field of `shape` stays as it is; a rate of 0 takes the limit away. */
export type LinkChange =
  | { readonly kind: "down" }
  | { readonly kind: "up" }
  | { readonly kind: "blackhole"; readonly directions: readonly Direction[] }
  | { readonly kind: "restore"; readonly directions: readonly Direction[] }
  | { readonly kind: "mtu"; readonly mtu: number }
  | {
      readonly kind: "shape";
      readonly directions: readonly Direction[];
      readonly delayUs?: number | undefined;
      readonly lossPpm?: number | undefined;
      readonly rateMbps?: number | undefined;
    };

const MAX_DELAY_US = 60_000_000;
const MAX_RATE_MBPS = 100_000;

/** A link as its document declares it. */
export function declaredSettings(link: Link, emulate: EmulationOptions): LinkSettings {
  const direction = (name: Direction): DirectionSettings => {
    const { delayUs, lossPpm, capacityMbps } = link[name];
    return {
      delayUs: emulate.delay ? delayUs : 0,
      lossPpm: emulate.loss ? lossPpm : 0,
      rateMbps: emulate.capacity && capacityMbps <= MAX_RATE_MBPS ? capacityMbps : undefined,
      blackhole: false,
    };
  };
  return { state: link.state, mtu: LINK_MTU, aToB: direction("aToB"), bToA: direction("bToA") };
}

/** The settings after a change; throws SextantError `invalid_argument` on numbers that make no sense. */
export function changeSettings(settings: LinkSettings, change: LinkChange): LinkSettings {
  switch (change.kind) {
    case "down":
    case "up":
      return { ...settings, state: change.kind };
    case "blackhole":
    case "restore":
      return inDirections(settings, change.directions, (old) => ({ ...old, blackhole: change.kind === "blackhole" }));
    case "mtu":
      checkBounds([["MTU", change.mtu, LINK_MTU]], MIN_MTU);
      return { ...settings, mtu: change.mtu };
    case "shape": {
      checkShape(change);
      const { delayUs, lossPpm, rateMbps } = change;
      return inDirections(settings, change.directions, (old) => ({
        blackhole: old.blackhole,
        delayUs: delayUs ?? old.delayUs,
        lossPpm: lossPpm ?? old.lossPpm,
        rateMbps: rateMbps === undefined ? old.rateMbps : rateMbps === 0 ? undefined : rateMbps,
      }));
    }
  }
}

/** What a link is now. */
export type LinkState =
  | { readonly kind: "up" }
  /** Told to be down. */
  | { readonly kind: "down" }
  /** Not told to be down, but without carrier: an interface was set down, or the delay line died. */
  | { readonly kind: "no-carrier" }
  | { readonly kind: "blackhole"; readonly directions: readonly Direction[] };

/** Names what settings and carrier amount to; a cut link is down, whatever else it is told to do. */
export function linkState(settings: LinkSettings, carrier: boolean): LinkState {
  if (settings.state === "down") return { kind: "down" };
  if (!carrier) return { kind: "no-carrier" };
  const directions = DIRECTIONS.filter((direction) => settings[direction].blackhole);
  return directions.length === 0 ? { kind: "up" } : { kind: "blackhole", directions };
}

function inDirections(
  settings: LinkSettings,
  directions: readonly Direction[],
  change: (old: DirectionSettings) => DirectionSettings,
): LinkSettings {
  const next = (direction: Direction) =>
    directions.includes(direction) ? change(settings[direction]) : settings[direction];
  return { ...settings, aToB: next("aToB"), bToA: next("bToA") };
}

function checkShape(change: Extract<LinkChange, { kind: "shape" }>): void {
  checkBounds([
    ["delay in us", change.delayUs, MAX_DELAY_US],
    ["loss in ppm", change.lossPpm, 1_000_000],
    ["rate in Mbit/s", change.rateMbps, MAX_RATE_MBPS],
  ]);
}

function checkBounds(limits: readonly (readonly [string, number | undefined, number])[], min = 0): void {
  for (const [what, value, max] of limits) {
    if (value === undefined || (value >= min && value <= max)) continue;
    throw new SextantError("invalid_argument", `${what} must be ${min} to ${max}, got ${value}`);
  }
}
