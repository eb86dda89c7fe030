import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runController } from "@sextant/controller";
import type { JsonObject } from "../resource";
import { runMain } from "./run-main";

/** A real controller on a unix socket, for the tests of one file; it has started before the first, and is gone after the last. */
export function controllerAtHand() {
  const directory = mkdtempSync(join(tmpdir(), "sextant-cli-"));
  const server = `unix:${join(directory, "controller.sock")}`;
  const sextant = (...args: string[]) => runMain(...args, "--server", server);
  let controller: Awaited<ReturnType<typeof runController>>;
  beforeAll(async () => {
    controller = await runController({ dataDir: join(directory, "data"), listen: [server], logLevel: "silent" });
  });
  afterAll(async () => {
    await controller.close();
    rmSync(directory, { recursive: true });
  });
  return {
    /** Runs the operator's command against it. */
    sextant,
    /** What the command prints with `-o json`. */
    json: async (...args: string[]) => JSON.parse((await sextant(...args, "-o", "json")).stdout) as JsonObject,
    /** Writes a file beside the controller's data; gives its path. */
    file(name: string, text: string): string {
      const path = join(directory, name);
      writeFileSync(path, text);
      return path;
    },
  };
}
