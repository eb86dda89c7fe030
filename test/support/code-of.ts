import { SextantError } from "@sextant/model";

/** Stable code of the SextantError that `work` throws; undefined when it throws none. Other errors pass through. */
export function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof SextantError) return thrown.code;
    throw thrown;
  }
}
