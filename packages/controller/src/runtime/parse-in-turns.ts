import { setImmediate } from "node:timers/promises";
import { parsingSteps } from "@sextant/model";
import type { ParsedFile, SourceFile } from "../pipeline/accept";

/** Reads files, no more than so many milliseconds at a time: agents and operators are served in between. A document is never divided. */
export async function parseInTurns(files: readonly SourceFile[], budgetMs: number): Promise<ParsedFile[]> {
  const parsed: ParsedFile[] = [];
  let endMs = performance.now() + budgetMs;
  for (const { name, content } of files) {
    const steps = parsingSteps(name, content);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        parsed.push({ name, ...step.value });
        break;
      }
      if (performance.now() < endMs) continue;
      await setImmediate();
      endMs = performance.now() + budgetMs;
    }
  }
  return parsed;
}
