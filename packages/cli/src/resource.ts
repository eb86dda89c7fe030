/** JSON as it comes from a controller. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A document as a controller knows it, with what it observed. */
export interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Counts the changes of the spec, from 1. */
  readonly generation: number;
  readonly spec: JsonObject;
  readonly status: JsonObject;
}
