/** Processes that run at once: `ip` is short and mostly in the kernel. */
const DEFAULT_LIMIT = 8;

/** Maps with at most `limit` promises pending; the first failure is thrown once all that were begun have ended. */
export async function bounded<T, R>(
  items: Iterable<T>,
  work: (item: T) => Promise<R>,
  limit: number = DEFAULT_LIMIT,
): Promise<R[]> {
  const queue = [...items].entries();
  const results: R[] = [];
  const failures: unknown[] = [];
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
