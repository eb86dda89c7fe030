import { MAX_TALLIED } from "./limits";
import type { Row } from "./source";

const SEPARATOR = "\u0000";

/** A counter by label values that come from elsewhere. Beyond `limit` different ones, new ones are counted together as `other`. */
export class Tally<Labels extends readonly string[]> {
  readonly #counts = new Map<string, number>();

  constructor(private readonly limit = MAX_TALLIED) {}

  add(...values: { [K in keyof Labels]: string }): void {
    const key = values.join(SEPARATOR);
    const known = this.#counts.has(key) || this.#counts.size < this.limit;
    const counted = known ? key : values.map(() => "other").join(SEPARATOR);
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
  }

  *rows(): Iterable<Row<Labels>> {
    for (const [key, count] of this.#counts) {
      yield [key.split(SEPARATOR) as unknown as { readonly [K in keyof Labels]: string }, count];
    }
  }
}
