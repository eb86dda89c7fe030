import type { LinkDirection } from "@sextant/model";
import { topologyOf } from "./domain-of-resource";
import type { JsonObject, Resource } from "./resource";

/** Each node of a topology as a resource of its own. */
export function nodeResources(resource: Resource): Resource[] {
  return topologyOf(resource).nodes.map(({ name, labels, decapsulationSid, ...rest }) => {
    const spec = { ...rest, ...(decapsulationSid === undefined ? {} : { decapsulationSid }) };
    return { kind: "Node", name, labels, generation: resource.generation, spec, status: {} };
  });
}

/**
 * Each link of a topology as a resource of its own, with what its controller finds of it; a capacity without limit is left out. Links that
 * are declared down have no health: nothing is sent over them.
 */
export function linkResources(resource: Resource): Resource[] {
  const healthOf = healthFinder(resource);
  const usesOf = useFinder(resource);
  return topologyOf(resource).links.map(({ name, aToB, bToA, ...rest }) => {
    const spec = { ...rest, aToB: limited(aToB), bToA: limited(bToA) };
    const status = rest.state === "up" ? { ...healthOf(name), ...usesOf(name, rest) } : {};
    return { kind: "Link", name, labels: {}, generation: resource.generation, spec, status };
  });
}

/** The controller names only links that something speaks against; one that names none at all does not say. */
function healthFinder({ status }: Resource): (link: string) => JsonObject {
  const told = status["linkHealth"];
  if (!Array.isArray(told)) return () => ({});
  const byName = new Map((told as JsonObject[]).map(({ name = "", ...health }) => [name, health]));
  return (link) => ({ health: byName.get(link) ?? { state: "up" } });
}

/** What is reserved in each direction of a link; nothing is said of one without reservations. */
function useFinder({ status }: Resource): (link: string, ends: { a: string; b: string }) => JsonObject {
  const told = Array.isArray(status["bandwidth"]) ? (status["bandwidth"] as JsonObject[]) : [];
  const byEnd = new Map(told.map(({ link, from, ...use }) => [`${link as string} ${from as string}`, use]));
  return (link, { a, b }) => {
    const [aToB, bToA] = [byEnd.get(`${link} ${a}`), byEnd.get(`${link} ${b}`)];
    if (aToB === undefined && bToA === undefined) return {};
    const nothing = { reservedMbps: 0 };
    return { bandwidth: { aToB: aToB ?? nothing, bToA: bToA ?? nothing } };
  };
}

function limited({ capacityMbps, ...rest }: LinkDirection): JsonObject {
  return capacityMbps === Number.MAX_SAFE_INTEGER ? rest : { ...rest, capacityMbps };
}
