/** 32-bit FNV-1a over UTF-16 code units: stable across runs and machines, used where a name must become a number. */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash;
}

/**
 * Gives each name a number in [first, last], its own hash where that is free, else the next free one. Names are taken in
 * sorted order, so the result depends on the set alone; a name keeps its number when others come and go, collisions aside.
 * Throws RangeError when there are more names than numbers.
 */
export function assignStableNumbers(
  names: readonly string[],
  first: number,
  last: number,
  taken: ReadonlySet<number> = new Set(),
): Map<string, number> {
  const size = last - first + 1;
  const used = new Set(taken);
  const numbers = new Map<string, number>();
  for (const name of [...names].sort()) {
    let offset = stableHash(name) % size;
    for (let tries = 0; used.has(first + offset); tries++) {
      if (tries === size) throw new RangeError(`no number left in ${first}..${last} for ${name}`);
      offset = (offset + 1) % size;
    }
    used.add(first + offset);
    numbers.set(name, first + offset);
  }
  return numbers;
}
