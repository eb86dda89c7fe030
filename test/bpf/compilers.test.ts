// The programs, as every clang on this machine compiles them: 14 is the oldest that the build takes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { uniqueInstance } from "./packet-path-fixture";
import { enterPrivateNamespace } from "./private-namespace";

const SOURCES = join(__dirname, "..", "..", "packages", "agent", "bpf");

let directory: string;
let leave: () => void;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sextant-compiler-"));
  leave = enterPrivateNamespace();
});
afterEach(() => {
  leave();
  rmSync(directory, { recursive: true });
});

/** `clang` and every `clang-<version>` in PATH. */
function compilers(): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const programs = folders.flatMap((folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return []; // PATH may name what does not exist.
    }
  });
  return [...new Set(programs.filter((name) => /^clang(-\d+)?$/.test(name)))].sort();
}

test.each(compilers())("%s compiles programs that the kernel takes", (compiler) => {
  execFileSync("make", ["-C", SOURCES, `CLANG=${compiler}`, `OUT=${directory}`], { stdio: "pipe" });
  const instance = uniqueInstance();
  try {
    const plane = KernelDataPlane.open({ instance, objectDirectory: directory });
    expect(plane.features).toEqual({ executables: true, tcpMoves: true });
    plane.close();
  } finally {
    KernelDataPlane.destroy(instance);
  }
});
