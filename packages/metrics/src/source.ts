import type { Family } from "./family";

/** One time series at the moment of asking: the values of the family's labels, in their order, and the value. */
export type Row<Labels extends readonly string[] = readonly string[]> = readonly [
  labels: { readonly [K in keyof Labels]: string },
  value: number | bigint,
];

/** A family and where its rows come from. */
export interface Source {
  readonly family: Family;
  /** Reads state when it is asked, one row after the other: others may work between two rows. */
  readonly rows: () => Iterable<Row>;
}

/** A family with its rows; the compiler checks that each row has as many label values as the family has labels. */
export function source<L extends readonly string[]>(family: Family<L>, rows: () => Iterable<Row<L>>): Source {
  return { family, rows };
}
