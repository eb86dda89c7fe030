import { SextantError } from "@sextant/model";
import { ipBatch, tcBatch } from "../kernel/command";
import type { LabLink, LabPlan } from "../plan";
import { withLabLock } from "../state/lab-lock";
import { readLabSettings, readLabState, writeLabSettings } from "../state/lab-state";
import { noSuchLab } from "../open-plan";
import { tellDelayLine } from "./delay-line";
import { changeSettings, type Direction, type LinkChange } from "./link-settings";
import { changeTunnelOffload } from "./tunnel-offload";
import { wireLines } from "./wire-lines";

/** The link between two nodes; `name` tells parallel ones apart. Throws SextantError `not_found` or `invalid_argument`. */
export function findLink(plan: LabPlan, a: string, b: string, name?: string): LabLink {
  const between = [...plan.links.values()].filter(
    ({ link }) => (link.a === a && link.b === b) || (link.a === b && link.b === a),
  );
  const found = name === undefined ? between : between.filter(({ link }) => link.name === name);
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined) {
    const names = between.map(({ link }) => link.name).join(", ");
    throw new SextantError("invalid_argument", `several links join ${a} and ${b}: choose one with --link (${names})`);
  }
  for (const node of [a, b]) {
    if (!plan.nodes.has(node)) throw new SextantError("not_found", `no node "${node}" in lab "${plan.name}"`);
  }
  const called = name === undefined ? "" : ` called "${name}"`;
  throw new SextantError("not_found", `no link${called} joins ${a} and ${b}`);
}

/** The direction of a link that leads away from a node. */
export function directionFrom({ link }: LabLink, from: string): Direction {
  return link.a === from ? "aToB" : "bToA";
}

/** A host sends up to 1500 bytes whatever its links carry. */
const MIN_HOST_LINK_MTU = 1_500;

function checkMtu(plan: LabPlan, { link }: LabLink, mtu: number): void {
  const host = [link.a, link.b].find((node) => plan.nodes.get(node)?.node.kind === "host");
  if (host === undefined || mtu >= MIN_HOST_LINK_MTU) return;
  const least = `the MTU of its links is at least ${MIN_HOST_LINK_MTU}`;
  throw new SextantError("invalid_argument", `${host} is a host: ${least}, got ${mtu}`);
}

/** Makes a link do something else, and remembers it. Nothing is remembered that the kernel refused. */
export async function applyLinkChange(plan: LabPlan, link: LabLink, change: LinkChange): Promise<void> {
  if (change.kind === "mtu") checkMtu(plan, link, change.mtu);
  await withLabLock(plan.name, async () => {
    const state = readLabState(plan.name);
    const settings = readLabSettings(plan.name);
    const before = settings?.links[link.link.name];
    if (state === undefined || settings === undefined || before === undefined) throw noSuchLab(plan.name);
    const after = changeSettings(before, change);
    const { nodes, ip, tc, delayLine } = wireLines(link, before, after, state.delayBackend);
    const remember = (links: typeof before) =>
      writeLabSettings(plan.name, { ...settings, links: { ...settings.links, [link.link.name]: links } });
    // Before the kernel changes: the supervisor reads it as soon as it hears of the change.
    remember(after);
    try {
      await changeTunnelOffload(plan, link, before, after, state.delayBackend);
      await tcBatch(plan.wires, tc);
      await tellDelayLine(plan.name, delayLine);
      await ipBatch(plan.wires, ip);
      for (const { node, ip: lines } of nodes) await ipBatch(plan.nodes.get(node)?.namespace, lines);
    } catch (thrown) {
      remember(before);
      throw thrown;
    }
  });
}
