import type { IpAddress, NodeKind } from "@sextant/model";
import { isAlive } from "./kernel/processes";
import { type LinkCounters, readLinkCounters } from "./network/counters";
import { type DirectionSettings, type LinkState, linkState } from "./network/link-settings";
import { readInterfaces } from "./network/read-interfaces";
import type { DelayBackend } from "./network/wire-lines";
import { noSuchLab, openPlan } from "./open-plan";
import { readLabDaemons, readLabSettings, readLabState } from "./state/lab-state";

/** Whether a process of the lab runs: `none` was never started or was ended on purpose, `dead` ended by itself. */
export type ProcessState = "running" | "dead" | "none";

export interface NodeStatus {
  readonly name: string;
  readonly kind: NodeKind;
  readonly namespace: string;
  readonly addresses: readonly IpAddress[];
  readonly sid: string;
  readonly agent: ProcessState;
}

export interface LinkStatus {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly interfaces: { readonly a: string; readonly b: string };
  readonly state: LinkState;
  readonly mtu: number;
  readonly aToB: DirectionSettings;
  readonly bToA: DirectionSettings;
  readonly counters: LinkCounters;
}

/** What a lab is now, as far as the kernel and /proc tell. */
export interface LabStatus {
  readonly name: string;
  readonly createdAt: string;
  readonly topologyFile: string;
  readonly igp: { readonly state: ProcessState; readonly delayMs: number };
  readonly delays: { readonly backend: DelayBackend; readonly delayLine: ProcessState };
  readonly controller: ProcessState;
  readonly nodes: readonly NodeStatus[];
  readonly links: readonly LinkStatus[];
}

/** Reads the status of a lab; throws SextantError `not_found` when there is none of that name. */
export async function readStatus(lab: string): Promise<LabStatus> {
  const state = readLabState(lab);
  const settings = readLabSettings(lab);
  if (state === undefined || settings === undefined) throw noSuchLab(lab);
  const plan = openPlan(lab);
  const daemons = readLabDaemons(lab);
  const [ports, counters] = await Promise.all([readInterfaces(plan.wires), readLinkCounters(plan)]);
  const nodes = [...plan.nodes.values()].map(({ node, namespace, loopback }) => ({
    name: node.name,
    kind: node.kind,
    namespace,
    addresses: loopback,
    sid: node.sid,
    agent: processState(daemons.agents[node.name]),
  }));
  const links = [...plan.links.values()].flatMap(({ link, a, b }): LinkStatus[] => {
    const wanted = settings.links[link.name];
    const counted = counters.get(link.name);
    if (wanted === undefined || counted === undefined) return [];
    const carrier = [a, b].every(({ port }) => ports.get(port)?.carrier === true);
    return [
      {
        name: link.name,
        a: link.a,
        b: link.b,
        interfaces: { a: a.interfaceName, b: b.interfaceName },
        state: linkState(wanted, carrier),
        mtu: wanted.mtu,
        aToB: wanted.aToB,
        bToA: wanted.bToA,
        counters: counted,
      },
    ];
  });
  return {
    name: lab,
    createdAt: state.createdAt,
    topologyFile: state.topologyFile,
    igp: { state: processState(state.supervisor), delayMs: settings.igpDelayMs },
    delays: { backend: state.delayBackend, delayLine: processState(state.delayLine) },
    controller: processState(daemons.controller),
    nodes,
    links,
  };
}

function processState(identity: Parameters<typeof isAlive>[0] | undefined): ProcessState {
  if (identity === undefined) return "none";
  return isAlive(identity) ? "running" : "dead";
}
