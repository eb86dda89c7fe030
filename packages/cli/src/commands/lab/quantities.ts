import { SextantError } from "@sextant/model";

const TIME_UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000 };
const AGE_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const RATE_UNITS: Readonly<Record<string, number>> = { kbit: 0.001, mbit: 1, gbit: 1_000 };

/** Microseconds of `500ms`, `250us` or `1.5s`. Throws SextantError `invalid_argument`. */
export function parseDurationUs(text: string): number {
  return withUnit(text, TIME_UNITS, "a time like 500ms, 250us or 1.5s");
}

/** Milliseconds of `30s`, `10m`, `2h` or `1d`. Throws SextantError `invalid_argument`. */
export function parseAgeMs(text: string): number {
  return withUnit(text, AGE_UNITS, "a time like 30s, 10m, 2h or 1d");
}

/** Mbit/s of `100mbit`, `64kbit` or `1gbit`; `none` is 0, no limit. Throws SextantError `invalid_argument`. */
export function parseRateMbps(text: string): number {
  return text === "none" ? 0 : withUnit(text, RATE_UNITS, "a rate like 100mbit, 64kbit or 1gbit, or none");
}

/** Parts per million of `1%`. Throws SextantError `invalid_argument`. */
export function parseLossPpm(text: string): number {
  const ppm = Math.round(withUnit(text, { "%": 10_000 }, "a share like 1% or 0.05%"));
  if (ppm <= 1_000_000) return ppm;
  throw new SextantError("invalid_argument", `"${text}": a loss is 0% to 100%`);
}

/** Bytes of the largest packet, a whole number. Throws SextantError `invalid_argument`. */
export function parseMtu(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new SextantError("invalid_argument", `"${text}": expected a number of bytes like 1500`);
}

function withUnit(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(\D+)$/.exec(text);
  const factor = units[match?.[2]?.toLowerCase() ?? ""];
  if (match !== null && factor !== undefined) return Number(match[1]) * factor;
  throw new SextantError("invalid_argument", `"${text}": expected ${expected}`);
}
