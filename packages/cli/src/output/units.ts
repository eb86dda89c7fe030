/** Delay for people: 480 us, 3.2 ms, 1.5 s. */
export function formatMicroseconds(us: number): string {
  if (us < 1_000) return `${trim(us)} us`;
  return us < 1_000_000 ? `${trim(us / 1_000)} ms` : `${trim(us / 1_000_000)} s`;
}

/** Counters for people: 950, 1.2 k, 34 M. */
export function formatCount(count: number): string {
  const steps = ["", " k", " M", " G", " T", " P"];
  let value = count;
  let step = 0;
  for (; value >= 999.5 && step < steps.length - 1; step++) value /= 1_000;
  return `${step === 0 ? String(value) : trim(value)}${steps[step] ?? ""}`;
}

/** Bytes for people, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const text = formatCount(bytes);
  return text.includes(" ") ? `${text}B` : `${text} B`;
}

/** Loss for people: 0 %, 0.5 %, 12 %. */
export function formatLoss(ppm: number): string {
  return `${trim(ppm / 10_000)} %`;
}

/** Capacity for people: 400 Mbit/s, 40 Gbit/s. */
export function formatMbps(mbps: number): string {
  return mbps < 1_000 ? `${trim(mbps)} Mbit/s` : `${trim(mbps / 1_000)} Gbit/s`;
}

/** Time passed, in its two largest units: 850ms, 12s, 3m 5s, 2h 10m, 4d 3h. */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 1) return `${Math.max(0, Math.round(ms))}ms`;
  const units: [string, number][] = [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  let rest = seconds;
  return units
    .slice(first, first + 2)
    .map(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? "" : `${count}${unit}`;
    })
    .filter((part) => part !== "")
    .join(" ");
}

/** One digit after the point below 100, where it says something. */
function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toFixed(1)));
}
