import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Version of the release, from the package's own description. */
export const VERSION = (JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8")) as { version: string })
  .version;
