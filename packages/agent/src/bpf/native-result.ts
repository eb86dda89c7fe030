import { SextantError } from "@sextant/model";
import { errnoName } from "./ffi";

/** Throws SextantError `internal` when a libbpf call failed. */
export function check(result: number, what: string): number {
  if (result < 0) throw new SextantError("internal", `${what}: ${errnoName(-result)}`);
  return result;
}
