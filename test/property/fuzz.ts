import fc from "fast-check";

/** One seed for the whole run, printed so that a failure can be had again: `FUZZ_SEED=... make test-fast`. */
export const FUZZ_SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 0x7fff_ffff);

/** Runs a property that many times from the run's seed, no longer than `maxSeconds`. */
export function check<T>(
  runs: number,
  maxSeconds: number,
  values: fc.Arbitrary<T>,
  property: (value: T) => void,
): void {
  process.stdout.write(`fast-check seed ${FUZZ_SEED}, up to ${runs} runs\n`);
  fc.assert(fc.property(values, property), {
    numRuns: runs,
    seed: FUZZ_SEED,
    interruptAfterTimeLimit: maxSeconds * 1_000,
    markInterruptAsFailure: false,
  });
}
