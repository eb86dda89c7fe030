/** Nominal typing: a `Brand<string, "Sid">` is a string at run time and its own type to the compiler. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
