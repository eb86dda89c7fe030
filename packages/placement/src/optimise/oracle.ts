import type { Carriage } from "../ecmp/carriage";

/** Finds the cheapest way to carry a demand at given link prices. */
export interface Oracle {
  /** Takes new prices of links, per Mbit/s. */
  update(price: Float64Array): void;
  /** Cost of the cheapest way; Infinity where there is none. */
  cost(from: number, to: number): number;
  /** The cheapest way; undefined where there is none. */
  carriage(from: number, to: number): Carriage | undefined;
}
