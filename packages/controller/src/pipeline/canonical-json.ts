type Members = Readonly<Record<string, unknown>>;

/** JSON of plain data with sorted keys and no undefined members: equal values have equal texts. Cheapest where keys are sorted already. */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return "null";
  return isSorted(value) ? JSON.stringify(value) : sortedJson(value);
}

/** Whether JSON gives the members in order as they are. */
function isSorted(value: unknown): boolean {
  if (value === null || typeof value !== "object") return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let last = "";
  for (const key of Object.keys(value)) {
    if (key < last || !isSorted((value as Members)[key])) return false;
    last = key;
  }
  return true;
}

function sortedJson(value: unknown): string {
  if (value === null || typeof value !== "object") return canonicalJson(value);
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  const members = value as Members;
  const texts = Object.keys(members)
    .sort()
    .filter((key) => members[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${sortedJson(members[key])}`);
  return `{${texts.join(",")}}`;
}
