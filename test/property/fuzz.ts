import fc from "fast-check";

/** One seed for the whole run, printed so that a failure can be had again: `FUZZ_SEED=... make test-fast`. */
export const FUZZ_SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 0x7fff_ffff);

/** `FUZZ_SECONDS=...`: every property goes on for so long, whatever it takes otherwise. */
const FUZZ_SECONDS = Number(process.env["FUZZ_SECONDS"] ?? 0);

/** Runs a property that many times from the run's seed, no longer than `maxSeconds`. */
export function check<T>(
  runs: number,
  maxSeconds: number,
  values: fc.Arbitrary<T>,
  property: (value: T) => void,
): void {
  const [numRuns, seconds] = FUZZ_SECONDS > 0 ? [Number.MAX_SAFE_INTEGER, FUZZ_SECONDS] : [runs, maxSeconds];
  process.stdout.write(`fast-check seed ${FUZZ_SEED}, up to ${numRuns} runs or ${seconds} s\n`);
  fc.assert(fc.property(values, property), {
    numRuns,
    seed: FUZZ_SEED,
    interruptAfterTimeLimit: seconds * 1_000,
    markInterruptAsFailure: false,
  });
}
