import { bounded } from "../kernel/bounded";
import { isAlive } from "../kernel/processes";
import { readInterfaces } from "../network/read-interfaces";
import { openPlan } from "../open-plan";
import { withLabLock } from "../state/lab-lock";
import { readLabSettings, readLabState } from "../state/lab-state";
import { LinkMonitor } from "./link-monitor";
import { Supervisor } from "./supervisor";

const DEFAULT_DELAY_MS = 500;
/** The supervisor ends by itself when its lab is gone, or another one of the same name has come. */
const LAB_CHECK_MS = 2_000;

function log(event: string, detail: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...detail })}\n`);
}

/** Runs the IGP of one lab: `supervisor-main LAB`. Says "ready" over IPC once it hears the kernel. */
async function main(lab: string): Promise<void> {
  const plan = openPlan(lab);
  const settingsOf = (link: string) => readLabSettings(lab)?.links[link];
  const delayLineLives = () => {
    const delayLine = readLabState(lab)?.delayLine;
    return delayLine === undefined || isAlive(delayLine);
  };
  const mayBeUp = (name: string) => {
    const settings = settingsOf(name);
    const delayed = (settings?.aToB.delayUs ?? 0) > 0 || (settings?.bToA.delayUs ?? 0) > 0;
    return settings?.state === "up" && (!delayed || delayLineLives());
  };
  const exclusively = (work: () => Promise<void>) => withLabLock(lab, work);
  const context = { delayMs: () => readLabSettings(lab)?.igpDelayMs ?? DEFAULT_DELAY_MS, mayBeUp, exclusively, log };
  const supervisor = new Supervisor(plan, context, (link) => settingsOf(link)?.state === "up");
  const namespaces = [...plan.nodes.values()].map((node) => node.namespace);
  const heard = new Map<string, number>();
  const readOne = async (namespace: string): Promise<void> => {
    const before = heard.get(namespace);
    const interfaces = await readInterfaces(namespace);
    // A notification that overtook the answer is newer than it.
    if (heard.get(namespace) !== before) return readOne(namespace);
    for (const [name, state] of interfaces) supervisor.observe(namespace, name, state);
  };
  const readAll = () => bounded([plan.wires, ...namespaces], readOne);
  const monitor = await LinkMonitor.start(
    plan.wires,
    namespaces,
    (namespace, { name, state }) => {
      heard.set(namespace, (heard.get(namespace) ?? 0) + 1);
      supervisor.observe(namespace, name, state);
    },
    (reason) => {
      log("lost", { reason });
      if (reason.startsWith("ip monitor ended")) process.exit(1);
      void readAll();
    },
  );
  process.once("SIGTERM", () => {
    monitor.stop();
    process.exit(0);
  });
  const incarnation = readLabState(lab)?.createdAt;
  setInterval(() => {
    if (readLabState(lab)?.createdAt === incarnation) return;
    monitor.stop();
    process.exit(0);
  }, LAB_CHECK_MS);
  await readAll();
  log("ready", { nodes: plan.nodes.size, links: plan.links.size });
  process.send?.("ready");
  if (process.connected) process.disconnect();
}

void main(process.argv[2] ?? "");
