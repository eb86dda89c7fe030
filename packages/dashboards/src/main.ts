// Writes dashboards and rules below deploy/: `node packages/dashboards/dist/main.js`, as `make dashboards` does.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedFiles } from "./generated-files";

const DEPLOY = join(__dirname, "..", "..", "..", "deploy");

for (const [path, content] of generatedFiles()) {
  const file = join(DEPLOY, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
