import type { Stop } from "@sextant/model";

/** `lon`, `service firewall`. */
export function stopName(stop: Stop): string {
  return "node" in stop ? stop.node : `service ${stop.service}`;
}

/** A stop as a path passes it: the node, and of a service the instance that is used there. */
export interface PassedStop {
  readonly node: string;
  readonly service?: string;
  readonly instance?: string;
}

/** The stops in order, each where the nodes of a path first pass it; fewer than there are where the path does not pass them all. */
export function passedStops(via: readonly Stop[], nodes: readonly string[]): PassedStop[] {
  const passed: PassedStop[] = [];
  for (const node of nodes) {
    for (let next = via[passed.length]; next !== undefined; next = via[passed.length]) {
      const stop = passedAt(next, node);
      if (stop === undefined) break;
      passed.push(stop);
    }
  }
  return passed;
}

/** Of several instances behind one node, the one whose name comes first. */
function passedAt(stop: Stop, node: string): PassedStop | undefined {
  if ("node" in stop) return stop.node === node ? { node } : undefined;
  const instance = stop.instances.find((each) => each.node === node);
  return instance === undefined ? undefined : { node, service: stop.service, instance: instance.name };
}
