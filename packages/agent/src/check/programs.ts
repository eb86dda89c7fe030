import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { BpfObject } from "../bpf/bpf-object";
import { type CheckFinding, fail, ok, warn } from "./finding";

/** Programs with what is lost without them. */
const PROGRAMS = [
  { name: "egress", without: undefined },
  { name: "ingress", without: undefined },
  { name: "socket", without: "rules that name an executable match nothing" },
  { name: "stall", without: "TCP flows stay on a list that swallows them, unless probes find it dead" },
] as const;

/** Has the kernel verify every program, on maps of its own that go at once. Nothing that is in use is touched. */
export function checkPrograms(objectDirectory: string): CheckFinding[] {
  return PROGRAMS.map(({ name, without }) => {
    const check = `program.${name}`;
    try {
      BpfObject.load(join(objectDirectory, `${name}.bpf.o`), `sextant_${name}`, () => undefined).close();
      return ok(check, "accepted by this kernel");
    } catch (thrown) {
      const { message } = SextantError.from(thrown);
      const next = "run a kernel with the features below, or the version of the program for this kernel";
      return without === undefined ? fail(check, message, next) : warn(check, `${message}: ${without}`, next);
    }
  });
}
