/** Different parts of one place that are kept to be shared; the next one takes the place of the oldest. */
const MAX_PARTS = 16;

/** What was seen at one place of documents: a field, and its fields. */
interface Place {
  readonly seen: unknown[];
  next: number;
  readonly fields: Map<string, Place>;
}

/**
 * Puts, in place of parts of values that are equal to lately seen ones, those, down to so many levels: most of a hundred thousand documents is alike, and takes its
 * memory once then. Only for values of JSON that nobody changes.
 */
export class SharedParts {
  readonly #root = placeOf();

  constructor(private readonly levels: number) {}

  /** The same value. */
  share<T extends object>(value: T): T {
    return shareFields(value, this.#root, this.levels);
  }
}

function shareFields<T extends object>(value: T, place: Place, levels: number): T {
  const shared = { ...value } as Record<string, unknown>;
  for (const name in shared) {
    const part = shared[name];
    if (typeof part === "object" && part !== null) shared[name] = sharePart(part, fieldOf(place, name), levels);
  }
  return shared as T;
}

function sharePart(part: object, place: Place, levels: number): unknown {
  const known = place.seen.find((each) => isEqual(each, part));
  if (known !== undefined) return known;
  const made = levels > 1 && !Array.isArray(part) ? shareFields(part, place, levels - 1) : part;
  place.seen[place.next] = made;
  place.next = (place.next + 1) % MAX_PARTS;
  return made;
}

function placeOf(): Place {
  return { seen: [], next: 0, fields: new Map() };
}

/** Documents have as many as their schema. */
function fieldOf({ fields }: Place, name: string): Place {
  const known = fields.get(name) ?? placeOf();
  fields.set(name, known);
  return known;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, i) => isEqual(each, b[i]));
  }
  const one = a as Record<string, unknown>;
  const other = b as Record<string, unknown>;
  let fields = 0;
  for (const name in one) {
    if (!(name in other) || !isEqual(one[name], other[name])) return false;
    fields++;
  }
  return Object.keys(other).length === fields;
}
