/** Goes through all steps of something that others could have their turn between. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Goes on for so long, at least for a step; true when there is none left. */
export function goOn(steps: Generator<void>, budgetMs: number): boolean {
  const startMs = performance.now();
  while (steps.next().done !== true) if (performance.now() - startMs >= budgetMs) return false;
  return true;
}
