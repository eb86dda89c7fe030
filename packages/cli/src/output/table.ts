/** How a cell is coloured where colours are wanted. */
export type Tone = "plain" | "good" | "bad" | "doubtful" | "faint";

/** A table cell: text alone, or with a tone. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

const CODES: Readonly<Record<Tone, string>> = { plain: "", good: "32", bad: "31", doubtful: "33", faint: "2" };
const GAP = "   ";

/** Columns as wide as their widest cell, nothing wrapped, no trailing blanks; one line per row. */
export function renderTable(header: readonly string[], rows: readonly (readonly Cell[])[], colour: boolean): string[] {
  const lines: (readonly Cell[])[] = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => width(cells[column]))));
  return lines.map((cells) => renderRow(cells, widths, colour));
}

/** One line with given column widths; a cell wider than its column pushes the rest to the right. */
export function renderRow(cells: readonly Cell[], widths: readonly number[], colour: boolean): string {
  const last = cells.length - 1;
  return cells
    .map((cell, column) => {
      const padding = column === last ? "" : " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell)));
      return paint(cell, colour) + padding;
    })
    .join(GAP)
    .trimEnd();
}

/** The cell's text, coloured when asked for. */
export function paint(cell: Cell, colour: boolean): string {
  if (typeof cell === "string") return cell;
  const code = CODES[cell.tone];
  return colour && code !== "" ? `\u001b[${code}m${cell.text}\u001b[0m` : cell.text;
}

function width(cell: Cell | undefined): number {
  if (cell === undefined) return 0;
  return typeof cell === "string" ? cell.length : cell.text.length;
}
