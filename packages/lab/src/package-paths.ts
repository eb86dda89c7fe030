import { join } from "node:path";

/** The package's own directory, seen alike from src/ (tests) and dist/. */
const PACKAGE_ROOT = join(__dirname, "..");

/** The delay line, built by `make` in this package. */
export const DELAY_LINE_PROGRAM = join(PACKAGE_ROOT, "build", "delay-line");

/** A compiled entry point that runs as a process of its own, for example `igp/supervisor-main`. */
export function entryPoint(name: string): string {
  return join(PACKAGE_ROOT, "dist", `${name}.js`);
}
