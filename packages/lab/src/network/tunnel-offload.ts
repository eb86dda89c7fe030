import { bounded } from "../kernel/bounded";
import { command } from "../kernel/command";
import { inNamespace } from "../kernel/namespaces";
import type { LabLink, LabPlan, LinkEnd } from "../plan";
import type { LinkSettings } from "./link-settings";
import { type DelayBackend, isCarriedInUserSpace } from "./wire-lines";

/**
 * Has the ends of links cut TCP super-packets that are in an outer header before they send them, or keep them whole. The delay line
 * gets frames with a virtio header (`PACKET_VNET_HDR`), which can say "TCP super-packet" but not "in an outer header": the kernel
 * could not cut what the delay line sends, and would drop it. Other super-packets stay whole.
 */
export async function setTunnelOffload(plan: LabPlan, links: readonly LabLink[], whole: boolean): Promise<void> {
  const state = whole ? "on" : "off";
  await bounded(endsByNode(links), async ([node, ends]) => {
    const lines = ends.map(
      ({ interfaceName }) =>
        `ethtool -K ${interfaceName} tx-ipxip4-segmentation ${state} tx-ipxip6-segmentation ${state}`,
    );
    const namespace = plan.nodes.get(node)?.namespace ?? "";
    const [program, ...args] = inNamespace(namespace, ["sh", "-e"]);
    await command(program, args, { input: `${lines.join("\n")}\n` });
  });
}

/** As above, for a link whose settings change. */
export async function changeTunnelOffload(
  plan: LabPlan,
  link: LabLink,
  before: LinkSettings,
  after: LinkSettings,
  backend: DelayBackend,
): Promise<void> {
  const carried = isCarriedInUserSpace(after, backend);
  if (carried !== isCarriedInUserSpace(before, backend)) await setTunnelOffload(plan, [link], !carried);
}

function endsByNode(links: readonly LabLink[]): Map<string, LinkEnd[]> {
  const byNode = new Map<string, LinkEnd[]>();
  for (const end of links.flatMap((link) => [link.a, link.b])) {
    byNode.set(end.node, [...(byNode.get(end.node) ?? []), end]);
  }
  return byNode;
}
