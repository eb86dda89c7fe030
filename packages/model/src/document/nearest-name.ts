/** Longer names are never slips of each other: they come from programs. */
const MAX_LENGTH = 64;
/** Most known names that are looked at: a wrong file can hold a hundred thousand unknown names. */
const MAX_KNOWN = 1_000;

/**
 * The known name closest to what was written, or undefined when none is close enough to be a likely slip:
 * at most one edit (insert, delete, replace, swap of neighbours) per three letters, at least one. Of many known names it looks at the
 * first thousand.
 */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1;
  if (written.length > MAX_LENGTH) return undefined;
  const lower = written.toLowerCase();
  let left = MAX_KNOWN;
  for (const name of known) {
    if (left-- === 0) break;
    const isFar = name.length > MAX_LENGTH || Math.abs(name.length - written.length) >= bestDistance;
    const distance = isFar ? FAR : editDistance(lower, name.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` (did you mean "x"?)`, or nothing when no known name is near. */
export function didYouMean(written: string, known: Iterable<string>): string {
  const near = nearestName(written, known);
  return near === undefined ? "" : ` (did you mean "${near}"?)`;
}

const FAR = Number.POSITIVE_INFINITY;

/** Optimal string alignment distance; FAR when it is `limit` or more. */
function editDistance(a: string, b: string, limit: number): number {
  let beforePrevious: number[] = [];
  let leastBefore = 0;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? FAR) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const insert = (row[j - 1] ?? FAR) + 1;
      const remove = (previous[j] ?? FAR) + 1;
      let cost = replace < insert ? replace : insert;
      if (remove < cost) cost = remove;
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        const swap = (beforePrevious[j - 2] ?? FAR) + 1;
        if (swap < cost) cost = swap;
      }
      row.push(cost);
      if (cost < least) least = cost;
    }
    // A swap looks back two rows: what comes is not below the least of the last two.
    if (least >= limit && leastBefore >= limit) return FAR;
    leastBefore = least;
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? FAR;
}
