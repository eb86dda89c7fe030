import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { counterDifference, Lab, type LinkCounters } from "@sextant/lab";
import { SextantError } from "@sextant/model";
import { formatMicroseconds } from "../output/units";
import type { CandidateStatus, IntentStatus } from "../status";
import { backboneHops, type Hop, hopsOf, packetsInto } from "./link-share";
import type { Narrator } from "./narrator";
import { Operator, SEXTANT_COMMAND } from "./operator";

const EXAMPLE = join(__dirname, "..", "..", "..", "..", "examples", "backbone");
const LAB = "demo";
const FROM = "desk-1";
const TO = "studio-1";
const READY_MS = 30_000;
const POLL_MS = 100;
/** What the fabric itself sends meanwhile (probes, neighbour discovery) stays below this share of a stream. */
const NOISE = 0.25;
/** Three probes of 100 ms make a path dead; the rest is room for a busy machine. */
const OUTAGE_BOUND_MS = 1_000;

/** An application of the demo: which intent steers it, and its traffic. */
interface Application {
  readonly intent: string;
  readonly cgroup: string;
  readonly port: number;
  readonly packetsPerSecond: number;
}
const VIDEO: Application = { intent: "video-calls", cgroup: "apps/video", port: 10_000, packetsPerSecond: 1_000 };
const BACKUP: Application = { intent: "nightly-backup", cgroup: "apps/backup", port: 9_000, packetsPerSecond: 500 };

/** What the demo needs to go on after a step. */
interface Stage {
  readonly lab: Lab;
  readonly operator: Operator;
  readonly narrator: Narrator;
}

/**
 * Runs the demo: a real network, two intents, two applications, one silent failure. Every claim is checked against packet
 * counters of the kernel or packets received; `narrator.claims` holds the results. With `keep` the lab stays up.
 */
export async function runDemo(narrator: Narrator, keep: boolean, signal: AbortSignal): Promise<void> {
  if (await Lab.down(LAB)) narrator.progress("removed the lab of an earlier demo");
  narrator.step("A backbone of kernel SRv6 routers, one network namespace each");
  const lab = await Lab.up({
    topologyFile: join(EXAMPLE, "topology.yaml"),
    name: LAB,
    sextantCommand: SEXTANT_COMMAND,
    onProgress: (step) => narrator.progress(step),
    signal,
  });
  try {
    await tell({ lab, narrator, operator: new Operator(`unix:${lab.controllerSocket}`, narrator) }, signal);
  } finally {
    if (!keep) await lab.down();
  }
  if (keep) narrator.lines(["", ...whatToTry(lab)]);
}

async function tell(stage: Stage, signal: AbortSignal): Promise<void> {
  const { lab, narrator, operator } = stage;
  const { nodes, links } = lab.plan.topology;
  narrator.lines([`${nodes.length} nodes and ${links.length} links are up`]);

  narrator.step("A controller, and an agent with its eBPF programs on every host, over mutual TLS");
  await lab.startDaemons();
  narrator.lines([`controller at ${lab.controllerAddress}; agents on ${lab.hosts.map(({ name }) => name).join(", ")}`]);

  narrator.step("Two applications between the same two hosts, each with its own wish");
  await operator.show(["apply", "-f", EXAMPLE]);
  // An intent waits for the cgroup of its application: running anything in it makes it.
  for (const { cgroup } of [VIDEO, BACKUP]) await lab.exec(FROM, ["true"], { cgroup });
  const video = await readyIntent(operator, VIDEO.intent, signal);
  const backup = await readyIntent(operator, BACKUP.intent, signal);
  await operator.show(["get", "intents", VIDEO.intent, BACKUP.intent]);

  await proveTwoPaths(stage, candidate(video, 0), candidate(backup, 0));
  await proveFailover(stage, candidate(video, 0), candidate(video, 1), signal);
}

async function proveTwoPaths({ lab, narrator }: Stage, video: CandidateStatus, backup: CandidateStatus): Promise<void> {
  narrator.step("Both send at once; the routers' own interface counters say which way the packets went");
  const before = await lab.linkCounters();
  const seconds = 3;
  const streams = await Promise.all(
    [VIDEO, BACKUP].map((application) => lab.startUdpStream({ ...stream(application), seconds })),
  );
  const [videoResult, backupResult] = await Promise.all(streams.map((started) => started.result));
  const crossed = counterDifference(before, await lab.linkCounters());
  if (videoResult === undefined || backupResult === undefined)
    throw new SextantError("internal", "a stream is missing");

  narrator.lines([...pathLines(VIDEO.intent, video, crossed), ...pathLines(BACKUP.intent, backup, crossed)]);
  narrator.claim(
    `${VIDEO.intent}: ${videoResult.received} of ${videoResult.sent} packets arrived, by the path of lowest delay`,
    videoResult.lost === 0 && carries(crossed, backboneHops(video), videoResult.sent),
  );
  narrator.claim(
    `${BACKUP.intent}: ${backupResult.received} of ${backupResult.sent} packets arrived, by the path of lowest TE metric`,
    backupResult.lost === 0 && carries(crossed, backboneHops(backup), backupResult.sent),
  );
  const shared = backboneHops(video).filter(({ link }) => backup.links.includes(link));
  narrator.claim("the two paths share no link of the backbone", shared.length === 0);
}

async function proveFailover(
  { lab, operator, narrator }: Stage,
  primary: CandidateStatus,
  backup: CandidateStatus,
  signal: AbortSignal,
): Promise<void> {
  const { failed, only } = failureOf(primary, backup);
  narrator.step(`The link ${failed.link} starts to swallow packets: carrier stays up, the IGP sees nothing`);
  const started = await lab.startUdpStream({ ...stream(VIDEO), seconds: 6 });
  await sleep(2_000);
  const before = await lab.linkCounters();
  narrator.command(["lab", "link", "blackhole", "--name", LAB, ...linkEnds(lab, failed.link)]);
  const [a, b] = linkEnds(lab, failed.link);
  await lab.linkBlackhole({ a, b, link: failed.link });
  const result = await started.result;
  const crossed = counterDifference(before, await lab.linkCounters());

  narrator.lines([
    `interface ${lab.interfaceOf(a, { a, b, link: failed.link })} of ${a}: ${await carrierOf(lab, a, failed.link)}`,
    `the stream of ${VIDEO.packetsPerSecond} packets/s was silent for ${result.longestGapMs.toFixed(0)} ms and lost ${result.lost} packets`,
    `backup: ${backup.nodes.join(" > ")}`,
  ]);
  const bound = `outage of ${result.longestGapMs.toFixed(0)} ms, below ${OUTAGE_BOUND_MS} ms`;
  narrator.claim(bound, result.lost > 0 && result.longestGapMs < OUTAGE_BOUND_MS);
  const after = result.sent - result.longestGapEnd;
  narrator.claim(
    `the remaining ${after} packets took the backup, counted on ${only.length} links that the primary does not use`,
    after > 0 && only.every((hop) => packetsInto(crossed, hop.link, hop.into) >= after),
  );
  const status = await until(signal, "the failure to be reported", async () => {
    const now = await operator.intent(VIDEO.intent);
    return now.policies[0]?.activeCandidate === 1 ? now : undefined;
  });
  narrator.claim(
    "the controller reports the primary dead and the backup in use",
    status.policies[0]?.candidates[0]?.segmentLists[0]?.state === "dead",
  );

  narrator.step("The link works again");
  narrator.command(["lab", "link", "restore", "--name", LAB, a, b]);
  await lab.linkRestore({ a, b, link: failed.link });
  const healed = await readyIntent(operator, VIDEO.intent, signal);
  narrator.claim("packets are back on the primary", healed.policies[0]?.activeCandidate === 0);
}

/** What the kernel says about carrier at a router's end of a link. */
async function carrierOf(lab: Lab, node: string, link: string): Promise<string> {
  const [a, b] = linkEnds(lab, link);
  const name = lab.interfaceOf(node, { a, b, link });
  const { stdout } = await lab.exec(node, ["ip", "-json", "link", "show", "dev", name]);
  const [shown] = JSON.parse(stdout) as { operstate: string; flags: string[] }[];
  return shown?.flags.includes("LOWER_UP") === true ? "carrier is up" : "carrier is lost";
}

/** The link to break, in the middle of the primary, and the links that only the backup uses. */
function failureOf(primary: CandidateStatus, backup: CandidateStatus): { failed: Hop; only: Hop[] } {
  const breakable = backboneHops(primary).filter(({ link }) => !backup.links.includes(link));
  const failed = breakable[Math.floor(breakable.length / 2)];
  if (failed === undefined) throw new SextantError("lab_failed", "primary and backup share every link");
  return { failed, only: backboneHops(backup).filter(({ link }) => !primary.links.includes(link)) };
}

function stream({ cgroup, port, packetsPerSecond }: Application) {
  return { from: FROM, to: TO, cgroup, port, packetsPerSecond };
}

/** True when every hop carried the whole stream and hardly more. */
function carries(crossed: ReadonlyMap<string, LinkCounters>, hops: readonly Hop[], sent: number): boolean {
  return hops.every(({ link, into }) => {
    const packets = packetsInto(crossed, link, into);
    return packets >= sent && packets < sent * (1 + NOISE);
  });
}

function pathLines(name: string, path: CandidateStatus, crossed: ReadonlyMap<string, LinkCounters>): string[] {
  const { delayUs, te } = path.metrics;
  const segments = path.segmentLists[0]?.segments.join(" ") ?? "";
  return [
    `${name}: ${path.nodes.join(" > ")}`,
    `  delay ${formatMicroseconds(delayUs)}, TE ${te}, segments ${segments}`,
    ...hopsOf(path).map(({ link, into }) => `  ${packetsInto(crossed, link, into)} packets into ${into} over ${link}`),
  ];
}

/** Waits until an intent is installed and its primary alive. */
async function readyIntent(operator: Operator, name: string, signal: AbortSignal): Promise<IntentStatus> {
  return until(signal, `intent ${name} to be installed and alive`, async () => {
    const status = await operator.intent(name);
    const isTrue = (type: string) => status.conditions.some((one) => one.type === type && one.status === "True");
    const inUse = status.policies.every(({ activeCandidate }) => activeCandidate === 0);
    const proven = status.policies.every(({ candidates }) =>
      candidates.every(({ segmentLists }) => segmentLists.every(({ state }) => state === "alive")),
    );
    return isTrue("Installed") && isTrue("Live") && inUse && proven ? status : undefined;
  });
}

async function until<T>(signal: AbortSignal, what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    signal.throwIfAborted();
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new SextantError("lab_failed", `waited ${READY_MS / 1_000} s for ${what}`);
    await sleep(POLL_MS);
  }
}

function candidate(status: IntentStatus, index: number): CandidateStatus {
  const found = status.policies[0]?.candidates[index];
  if (found === undefined) throw new SextantError("lab_failed", `an intent of the demo has no candidate ${index}`);
  return found;
}

function linkEnds(lab: Lab, link: string): [string, string] {
  const found = lab.plan.links.get(link);
  return [found?.a.node ?? "", found?.b.node ?? ""];
}

function whatToTry(lab: Lab): string[] {
  const server = `unix:${lab.controllerSocket}`;
  return [
    "The lab stays up. To look around:",
    `  export SEXTANT_SERVER=${server}`,
    "  ./sextant get intents -w",
    `  ./sextant describe intent ${VIDEO.intent}`,
    `  ./sextant lab status --name ${LAB}`,
    `  ./sextant lab link blackhole --name ${LAB} zrh fra`,
    `  ./sextant lab exec --name ${LAB} ${FROM} -- ping -c 3 ${lab.addressOf(TO)}`,
    "To end it:",
    `  ./sextant lab down --name ${LAB}`,
  ];
}
