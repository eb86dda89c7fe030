/** Keys and list indices from a document's root to a field. */
export type FieldPath = readonly (string | number)[];

/** `spec.links[2].igp` */
export function formatPath(path: FieldPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}
