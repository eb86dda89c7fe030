// Compiles packages/controller/assembly to WebAssembly, as a module that the controller imports: reading files is no business of its stages.
import { writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";

const SOURCE = "packages/controller/assembly/lanes.ts";
const TARGET = "packages/controller/src/gen/lane-kernel.ts";
// "stub" is the smallest runtime of the language, for code that takes no memory by itself.
const OPTIONS = ["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd"];

let wasm;
const { error, stderr } = await asc.main([SOURCE, "--outFile", "kernel.wasm", ...OPTIONS], {
  writeFile: (_, contents) => {
    wasm = contents;
  },
});
if (error !== null) throw new Error(`${SOURCE}: ${stderr}`, { cause: error });
const text = Buffer.from(wasm).toString("base64");
writeFileSync(
  TARGET,
  `// Made from ${SOURCE} by \`make gen\`.\n/** The module in base64. */\nexport const LANE_KERNEL =\n  "${text}";\n`,
);
