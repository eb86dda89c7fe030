// From the moment a link breaks until every host whose packets crossed it has left it, when only some of them notice by themselves.
import type { Rig } from "../e2e/rig/rig";
import { measureLab } from "./localise/lab-twenty";
import { simulate } from "./localise/simulation";
import { figure, printReport } from "./report";
import { percentile } from "./statistics";

const TRIALS = Number(process.env["TRIALS"] ?? 40);
const AGENTS = Number(process.env["AGENTS"] ?? 10_000);
const REPORTING = Number(process.env["REPORTING"] ?? AGENTS / 20);

/** An interrupted run takes its lab down before it ends. */
function endOnSignal(rig: Rig): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void rig.down().finally(() => process.exit(1)));
}

async function main(): Promise<void> {
  const lab = await measureLab(TRIALS, endOnSignal);
  const size = { agents: AGENTS, reporting: REPORTING, coreLinks: TRIALS + 2 };
  const { trials, controllerRssMb } = await simulate(size, TRIALS);
  const last = trials.map(({ afterMs }) => afterMs.at(-1) ?? NaN);
  const typical = trials.map(({ afterMs }) => percentile(afterMs, 0.5));
  const row = (name: string, values: readonly number[]) => [
    name,
    ...[0.5, 0.95].map((share) => figure(percentile(values, share))),
  ];
  printReport({
    what: `a link breaks, some of the hosts that use it notice, the controller moves the others; ${TRIALS} trials`,
    header: ["case", "median ms", "p95 ms"],
    rows: [
      row("lab of 20 hosts, 3 notice: from the first lost packet until the last host has moved", lab),
      row(`${AGENTS} simulated agents, ${REPORTING} notice: until the last has left the link`, last),
      row(`${AGENTS} simulated agents, ${REPORTING} notice: until half of them have`, typical),
    ],
    json: { lab20P95Ms: percentile(lab, 0.95), agents10000P95Ms: percentile(last, 0.95), controllerRssMb },
  });
}

void main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
