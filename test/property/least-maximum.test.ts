import fc from "fast-check";
import { leastMaximum } from "../../packages/controller/src/compute/least-maximum";
import { check } from "./fuzz";

type Matrix = readonly (readonly number[])[];

/** Small numbers, many of them alike, and rows that say the same: ties are where a simplex goes round in circles. */
const matrix: fc.Arbitrary<Matrix> = fc.integer({ min: 1, max: 4 }).chain((columns) => {
  const value = fc.oneof(
    fc.nat({ max: 3 }),
    fc.nat({ max: 1_000 }).map((thousandths) => thousandths / 1_000),
  );
  const row = fc.array(value, { minLength: columns, maxLength: columns });
  return fc.array(row, { minLength: 1, maxLength: 6 });
});

test("the greatest row of a mixture is the smallest that any mixture has", () => {
  check(2_000, 10, matrix, (rows) => {
    const { parts, greatest } = leastMaximum(rows);
    expect(parts.every((part) => part >= 0)).toBe(true);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 9);
    expect(greatestOf(rows, parts)).toBeCloseTo(greatest, 9);
    expect(greatest).toBeCloseTo(bruteForce(rows), 9);
  });
});

test("where it is stopped early, what it has is a mixture, and a better one the later", () => {
  check(1_000, 5, matrix, (rows) => {
    let before = Number.POSITIVE_INFINITY;
    for (let maxSteps = 1; maxSteps <= 8; maxSteps++) {
      const { parts, greatest } = leastMaximum(rows, maxSteps);
      expect(parts.every((part) => part >= 0)).toBe(true);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 9);
      expect(greatestOf(rows, parts)).toBeLessThanOrEqual(greatest + 1e-9);
      expect(greatest).toBeLessThanOrEqual(before + 1e-9);
      before = greatest;
    }
    expect(before).toBeGreaterThanOrEqual(leastMaximum(rows).greatest - 1e-9);
  });
});

test("thousands of links and 32 paths take no time to speak of", () => {
  const rows = Array.from({ length: 3_000 }, (_, row) =>
    Array.from({ length: 32 }, (__, column) => ((row * 7 + column * 13) % 101) / 100),
  );
  const startMs = performance.now();
  expect(leastMaximum(rows).greatest).toBeGreaterThan(0);
  expect(performance.now() - startMs).toBeLessThan(5_000);
});

function greatestOf(rows: Matrix, parts: readonly number[]): number {
  return Math.max(...rows.map((row) => row.reduce((sum, value, i) => sum + value * (parts[i] ?? 0), 0)));
}

/**
 * Some optimum makes as many rows equal as it has columns (Shapley and Snow, 1950): so it is among the solutions of all square parts of the
 * matrix.
 */
function bruteForce(rows: Matrix): number {
  const width = rows[0]?.length ?? 0;
  let least = Number.POSITIVE_INFINITY;
  for (let size = 1; size <= width; size++) {
    for (const columns of subsets(width, size)) {
      for (const chosen of subsets(rows.length, size)) {
        const own = chosen.map((row) => columns.map((column) => rows[row]?.[column] ?? 0));
        const found = equalising(own);
        if (found?.every((part) => part >= -1e-12) !== true) continue;
        const parts = Array.from({ length: width }, () => 0);
        columns.forEach((column, i) => (parts[column] = Math.max(0, found[i] as number)));
        least = Math.min(least, greatestOf(rows, parts));
      }
    }
  }
  return least;
}

function subsets(count: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  const picks: number[][] = [];
  for (let first = from; first <= count - size; first++) {
    for (const rest of subsets(count, size - 1, first + 1)) picks.push([first, ...rest]);
  }
  return picks;
}

/** Parts that add up to 1 and give all rows one value; undefined when there are none, or more than one. */
function equalising(square: Matrix): number[] | undefined {
  const size = square.length;
  const system = [...square.map((row) => [...row, -1, 0]), [...Array.from({ length: size }, () => 1), 0, 1]];
  for (let column = 0; column <= size; column++) {
    const at = system.findIndex((row, i) => i >= column && Math.abs(row[column] as number) > 1e-9);
    if (at < 0) return undefined;
    [system[column], system[at]] = [system[at] as number[], system[column] as number[]];
    const head = system[column] as number[];
    for (const row of system) {
      if (row === head) continue;
      const factor = (row[column] as number) / (head[column] as number);
      head.forEach((value, i) => (row[i] = (row[i] as number) - factor * value));
    }
  }
  return system.slice(0, size).map((row, i) => (row[size + 1] as number) / (row[i] as number));
}
