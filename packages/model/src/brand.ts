/**
 * Nominal typing: a `Brand<string, "Sid">` is a string at run time and its own type to the compiler. A brand of a brand is
 * both, so a function that takes any address also takes a SID.
 */
export type Brand<T, Name extends string> = T & { readonly __brand: Readonly<Record<Name, true>> };
