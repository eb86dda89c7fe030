import type { TextLines, Word } from "./text-lines";

/** A section of a REPETITA file: `NODES 11`, a line that names the columns, then that many lines. */
export interface TableFormat {
  /** For example `NODES`. */
  readonly keyword: string;
  readonly columns: readonly string[];
  readonly maxRows: number;
}

/**
 * Reads one section and hands every row of the right length to `row`, whose first word, the label, is unique. Returns false when the
 * section is not there or cannot be followed, so that what comes after makes no sense either.
 */
export function readTable(lines: TextLines, format: TableFormat, row: (words: readonly Word[]) => void): boolean {
  const { keyword, columns } = format;
  const head = lines.next();
  if (head?.[0]?.text !== keyword || head.length !== 2) {
    const found = head === undefined ? "the file ends" : `"${(head[0]?.text ?? "").slice(0, 40)}" is there`;
    if (!lines.gaveUp) lines.report("invalid_value", keyword, `"${keyword} <count>" belongs here, ${found}`, 1);
    return false;
  }
  const before = lines.issues.length;
  const count = lines.whole(head[1] as Word, keyword, 0, format.maxRows);
  if (lines.issues.length > before) return false;
  const names = lines.next();
  if (names?.map(({ text }) => text).join(" ") !== columns.join(" ")) {
    if (!lines.gaveUp) lines.report("invalid_value", keyword, `the line "${columns.join(" ")}" belongs here`, 1);
    return false;
  }
  return readRows(lines, format, count, row);
}

function readRows(
  lines: TextLines,
  format: TableFormat,
  count: number,
  row: (words: readonly Word[]) => void,
): boolean {
  const { keyword, columns } = format;
  const labels = new Set<string>();
  for (let i = 0; i < count; i++) {
    const words = lines.next();
    if (words === undefined) {
      if (!lines.gaveUp) lines.report("missing_field", keyword, `${count} lines were announced, ${i} are there`, 1);
      return false;
    }
    const label = words[0]?.text ?? "";
    if (labels.has(label))
      lines.report("duplicate", "label", `"${label.slice(0, 40)}" is there twice`, words[0]?.column ?? 1);
    labels.add(label);
    if (words.length !== columns.length) {
      const message = `a line has ${columns.length} fields (${columns.join(" ")}), this one ${words.length}`;
      lines.report(words.length < columns.length ? "missing_field" : "unknown_field", keyword, message, 1);
    } else row(words);
  }
  return true;
}

/** Reports whatever follows the last section. */
export function expectEnd(lines: TextLines): void {
  const words = lines.next();
  if (words === undefined) return;
  const message = `"${(words[0]?.text ?? "").slice(0, 40)}" is more than was announced`;
  lines.report("unknown_field", "", message, words[0]?.column ?? 1);
}
