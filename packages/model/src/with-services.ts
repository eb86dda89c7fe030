import type { Intent, Stop } from "./intent";
import type { Service, ServiceInstance } from "./service";

/** The intent with the instances of the services that it goes via; the same object where they are the same already. */
export function withServices(intent: Intent, services: ReadonlyMap<string, Service>): Intent {
  const via = intent.constraints.via.map((stop): Stop => {
    if (!("service" in stop)) return stop;
    const instances = instancesInForce(services.get(stop.service));
    return JSON.stringify(instances) === JSON.stringify(stop.instances) ? stop : { ...stop, instances };
  });
  const isSame = via.every((stop, i) => stop === intent.constraints.via[i]);
  return isSame ? intent : { ...intent, constraints: { ...intent.constraints, via } };
}

function instancesInForce(service: Service | undefined): ServiceInstance[] {
  return (service?.instances ?? [])
    .filter(({ state }) => state === "up")
    .map(({ name, node }) => ({ name, node }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
