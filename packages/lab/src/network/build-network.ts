import { bounded } from "../kernel/bounded";
import { ipBatch, tcBatch } from "../kernel/command";
import { createNamespaces, setSysctls } from "../kernel/namespaces";
import type { LabNode, LabPlan } from "../plan";
import type { NodeRoutes } from "../igp/routes";
import { routeChanges } from "../igp/routes";
import { tellDelayLine } from "./delay-line";
import type { LinkSettings } from "./link-settings";
import { managementNetworkLines, MANAGEMENT_SYSCTLS, NODE_SYSCTLS, nodeLines, WIRES_SYSCTLS } from "./node-lines";
import { setTunnelOffload } from "./tunnel-offload";
import { cableLines, type DelayBackend, isCarriedInUserSpace, newWireLines, wireLines } from "./wire-lines";

/** Makes the namespaces with the settings that their interfaces will inherit. */
export async function buildNamespaces(plan: LabPlan): Promise<void> {
  const nodes = [...plan.nodes.values()];
  await createNamespaces([plan.management.namespace, plan.wires, ...nodes.map((node) => node.namespace)]);
  await setSysctls(plan.wires, WIRES_SYSCTLS);
  await setSysctls(plan.management.namespace, MANAGEMENT_SYSCTLS);
  await bounded(nodes, (node) => setSysctls(node.namespace, NODE_SYSCTLS));
}

/** Makes every link's cables, and the management network. Links have no carrier yet. */
export async function buildCables(plan: LabPlan): Promise<void> {
  const links = [...plan.links.values()];
  const namespaceOf = (node: string) => plan.nodes.get(node)?.namespace ?? "";
  await ipBatch(plan.wires, [
    "link set dev lo up",
    ...links.flatMap((link, index) => cableLines(link, index, namespaceOf)),
  ]);
  await tcBatch(plan.wires, links.flatMap(newWireLines));
  await ipBatch(plan.management.namespace, managementNetworkLines(plan));
}

/** Addresses, segment identifiers and routes of every node. */
export async function buildNodes(plan: LabPlan, routes: ReadonlyMap<string, NodeRoutes>): Promise<void> {
  const linesOf = (node: LabNode) => [
    ...nodeLines(plan, node),
    ...routeChanges(new Map(), routes.get(node.node.name) ?? new Map()),
  ];
  await bounded(plan.nodes.values(), (node) => ipBatch(node.namespace, linesOf(node)));
}

/** Joins the cables of every link and gives them carrier, as the settings say. */
export async function connectLinks(
  plan: LabPlan,
  settings: Readonly<Record<string, LinkSettings>>,
  backend: DelayBackend,
): Promise<void> {
  const lines = [...plan.links].flatMap(([name, link]) => {
    const wanted = settings[name];
    return wanted === undefined ? [] : [wireLines(link, undefined, wanted, backend)];
  });
  const carried = [...plan.links].flatMap(([name, link]) => {
    const wanted = settings[name];
    return wanted !== undefined && isCarriedInUserSpace(wanted, backend) ? [link] : [];
  });
  await setTunnelOffload(plan, carried, false);
  await tcBatch(
    plan.wires,
    lines.flatMap(({ tc }) => tc),
  );
  await tellDelayLine(
    plan.name,
    lines.flatMap(({ delayLine }) => delayLine),
  );
  await ipBatch(
    plan.wires,
    lines.flatMap(({ ip }) => ip),
  );
}
