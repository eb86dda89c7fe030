/** Usual are one to five steps per column. Rounding may undo what keeps them from going round in circles, and then this ends it. */
const STEPS_PER_COLUMN = 100;
/** Below this a number is the error of the ones before it. */
const TINY = 1e-12;

/** A mixture of columns: parts that add up to 1. */
export interface Mixture {
  readonly parts: readonly number[];
  /** The greatest row of the matrix times the parts. */
  readonly greatest: number;
}

/**
 * The mixture of a matrix's columns whose greatest row is smallest. `rows` are at least one, of equal length, and hold numbers of 0 or more.
 * This is a matrix game (von Neumann), and with it the linear program: most sum of y with (M + 1) y <= 1, y >= 0; the mixture is y over its
 * sum. Solved by the simplex method on the condensed tableau, with Bland's rule. Rows times columns for each of usually few steps. Each step leads to a
 * mixture that is no worse than the one before: after `maxSteps`, at least one, the last one is the answer, and none of its rows is above `greatest`.
 */
export function leastMaximum(
  rows: readonly (readonly number[])[],
  maxSteps = STEPS_PER_COLUMN * (rows[0]?.length ?? 0),
): Mixture {
  const columns = rows[0]?.length ?? 0;
  // The game's value must be above zero: everything is raised by 1.
  const tableau = rows.map((row) => [...row.map((value) => value + 1), 1]);
  tableau.push([...Array.from({ length: columns }, () => -1), 0]);
  // Labels: columns are 0 and up, slacks of rows come after them.
  const basic = rows.map((_, row) => columns + row);
  const free = Array.from({ length: columns }, (_, column) => column);
  for (let steps = 0; steps < maxSteps; steps++) {
    const entering = enteringOf(tableau, free);
    if (entering < 0) break;
    const leaving = leavingOf(tableau, basic, entering);
    pivot(tableau, leaving, entering);
    [basic[leaving], free[entering]] = [free[entering] as number, basic[leaving] as number];
  }
  const total = at(tableau, rows.length, columns);
  const parts = Array.from({ length: columns }, () => 0);
  basic.forEach((label, row) => {
    if (label < columns) parts[label] = Math.max(0, at(tableau, row, columns) / total);
  });
  return { parts, greatest: 1 / total - 1 };
}

function at(tableau: readonly number[][], row: number, column: number): number {
  return tableau[row]?.[column] as number;
}

/** The free variable of smallest label that would raise the sum; -1 when none does. */
function enteringOf(tableau: readonly number[][], free: readonly number[]): number {
  const gain = tableau.at(-1) ?? [];
  let best = -1;
  free.forEach((label, column) => {
    const isBetter = best < 0 || label < (free[best] as number);
    if ((gain[column] as number) < -TINY && isBetter) best = column;
  });
  return best;
}

/** The row that limits the entering variable most, of several the one of smallest label. There is one: all matrix entries are positive. */
function leavingOf(tableau: readonly number[][], basic: readonly number[], entering: number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  basic.forEach((label, row) => {
    const slope = at(tableau, row, entering);
    if (slope <= TINY) return;
    const limit = at(tableau, row, (tableau[row] as number[]).length - 1) / slope;
    if (limit < least - TINY || (limit <= least + TINY && label < (basic[best] ?? Number.POSITIVE_INFINITY))) {
      best = row;
      least = Math.min(least, limit);
    }
  });
  return best;
}

/** Exchanges a basic and a free variable. */
function pivot(tableau: number[][], leaving: number, entering: number): void {
  const pivotRow = tableau[leaving] as number[];
  const head = pivotRow[entering] as number;
  pivotRow.forEach((value, column) => {
    pivotRow[column] = (column === entering ? 1 : value) / head;
  });
  tableau.forEach((row, i) => {
    if (i === leaving) return;
    const factor = row[entering] as number;
    row.forEach((value, column) => {
      const own = column === entering ? 0 : value;
      row[column] = own - factor * (pivotRow[column] as number);
    });
  });
}
