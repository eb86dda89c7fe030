import { DIAMOND, intentYaml } from "../testing/documents";
import type { Status } from "../testing/operator-client";
import { TestController } from "../testing/test-controller";

const UPDATES = 30;
const INTENTS = 20;
/** Between one update and the next. */
const PAUSE_MS = 3;

/** Odd versions are quick over n, even ones over s; the delay tells which version a path was computed on. */
function version(v: number): { document: string; path: string } {
  const [n, s] = v % 2 === 1 ? [100 + v, 9_000] : [9_000, 100 + v];
  const document = DIAMOND.replaceAll("delayUs: 5000", `delayUs: ${n}`).replaceAll("delayUs: 1000", `delayUs: ${s}`);
  return { document, path: `${v % 2 === 1 ? "n" : "s"} ${2 * (100 + v)}` };
}

const pathsIn = (intents: readonly { status?: Status }[]) =>
  intents.map(({ status }) => {
    const [best] = status.policies[0].candidates as Status[];
    return `${String(best.nodes[2])} ${String(best.metrics.delayUs)}`;
  });

test("a link changes every few milliseconds while requests arrive: each answer is right for one version, the last for the last", async () => {
  const controller = await TestController.start();
  try {
    const versions = Array.from({ length: UPDATES }, (_, v) => version(v));
    const [first] = versions;
    const intents = Array.from({ length: INTENTS }, (_, i) => intentYaml(`i${i}`));
    await controller.operator.apply([first?.document ?? "", ...intents]);
    const updates = (async () => {
      for (const { document } of versions) {
        await controller.operator.apply([document]);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    })();
    let left = 1;
    void updates.finally(() => left--);
    const possible = new Set(versions.map(({ path }) => path));
    let answers = 0;
    while (left > 0) {
      const paths = pathsIn(await controller.operator.get("Intent"));
      expect(paths).toHaveLength(INTENTS);
      expect(paths.filter((path) => !possible.has(path))).toEqual([]);
      answers++;
    }
    await updates;
    expect(answers).toBeGreaterThan(1);
    expect(new Set(pathsIn(await controller.operator.get("Intent")))).toEqual(new Set([versions.at(-1)?.path]));
  } finally {
    await controller.stop();
  }
}, 30_000);
