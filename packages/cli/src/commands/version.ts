import { release } from "node:os";
import { Command } from "commander";
import { renderStructured } from "../output/document";
import { addOutputOption } from "../output/output-option";
import { print } from "../output/print";
import { VERSION } from "../version";

/** `sextant version`: what a bug report should begin with. */
export function versionCommand(): Command {
  const command = new Command("version")
    .description("Versions of this program, its runtime and the kernel.")
    .addHelpText("after", "\nExample:\n  $ sextant version -o json");
  return addOutputOption(command, ["text", "json"]).action(({ output }: { output: string }) => {
    const versions = { sextant: VERSION, node: process.versions.node, kernel: release() };
    if (output === "json") print(renderStructured(versions, "json"));
    else print(Object.entries(versions).map(([name, version]) => `${name} ${version}`));
  });
}
