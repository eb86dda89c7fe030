/** A network function that paths may be led through. Declared and stored; path computation does not use it yet. */
export interface Service {
  readonly name: string;
  readonly type: string;
  readonly instances: readonly { readonly name: string; readonly node: string }[];
}
