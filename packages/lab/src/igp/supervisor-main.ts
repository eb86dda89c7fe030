import { bounded } from "../kernel/bounded";
import { isAlive } from "../kernel/processes";
import { readInterfaces } from "../network/read-interfaces";
import { DEFAULT_IGP_DELAY_MS } from "../lab-options";
import type { LinkSettings } from "../network/link-settings";
import { openPlan } from "../open-plan";
import { withLabLock } from "../state/lab-lock";
import { readLabSettings, readLabState } from "../state/lab-state";
import { LinkMonitor } from "./link-monitor";
import { Supervisor, type SupervisorContext } from "./supervisor";

const LAB_CHECK_MS = 2_000;

function log(event: string, detail: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...detail })}\n`);
}

/** Runs the IGP of one lab: `supervisor-main LAB`. Says "ready" over IPC once it hears the kernel. */
async function main(lab: string): Promise<void> {
  const plan = openPlan(lab);
  const context: SupervisorContext = {
    delayMs: () => readLabSettings(lab)?.igpDelayMs ?? DEFAULT_IGP_DELAY_MS,
    algorithms: () => readLabSettings(lab)?.algorithms ?? plan.topology.algorithms,
    mayBeUp: (link) => mayBeUp(lab, link),
    exclusively: (work) => withLabLock(lab, work),
    log,
  };
  const supervisor = new Supervisor(plan, context, (link) => settingsOf(lab, link)?.state === "up");
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
  endWith(lab, () => {
    monitor.stop();
    process.exit(0);
  });
  process.on("SIGHUP", () => {
    supervisor.redefine();
  });
  await readAll();
  log("ready", { nodes: plan.nodes.size, links: plan.links.size });
  process.send?.("ready");
  if (process.connected) process.disconnect();
}

/** Ends on request, and by itself when its lab is gone or another one of the same name has come. */
function endWith(lab: string, end: () => void): void {
  process.once("SIGTERM", end);
  const incarnation = readLabState(lab)?.createdAt;
  setInterval(() => {
    if (readLabState(lab)?.createdAt !== incarnation) end();
  }, LAB_CHECK_MS);
}

function settingsOf(lab: string, link: string): LinkSettings | undefined {
  return readLabSettings(lab)?.links[link];
}

/** A link with a delay is up only while the delay line that carries it lives. */
function mayBeUp(lab: string, link: string): boolean {
  const settings = settingsOf(lab, link);
  const delayed = (settings?.aToB.delayUs ?? 0) > 0 || (settings?.bToA.delayUs ?? 0) > 0;
  if (settings?.state !== "up" || !delayed) return settings?.state === "up";
  const delayLine = readLabState(lab)?.delayLine;
  return delayLine === undefined || isAlive(delayLine);
}

void main(process.argv[2] ?? "");
