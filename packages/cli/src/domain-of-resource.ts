import {
  createSnapshot,
  type DirectedLink,
  type LackingFeatures,
  lackingOf,
  type Measured,
  pairName,
  type TopologySnapshot,
} from "@sextant/controller";
import {
  API_VERSION,
  formatIssue,
  type Intent,
  intentFromDocument,
  parseDocumentValue,
  type Service,
  serviceFromDocument,
  SextantError,
  type Topology,
  topologyFromDocument,
  withServices,
} from "@sextant/model";
import type { JsonObject, Resource } from "./resource";
import { hostStatusOf, intentStatusOf } from "./status";

/** The domain topology of a resource. Throws SextantError `invalid_document` when this version cannot read it. */
export function topologyOf({ name, labels, spec }: Resource): Topology {
  const value = { apiVersion: API_VERSION, kind: "Topology", metadata: { name, labels }, spec };
  const { documents, issues } = parseDocumentValue(`Topology/${name}`, value);
  const [document] = documents;
  const topology = document?.kind === "Topology" ? topologyFromDocument(document) : { issues };
  if (!("issues" in topology)) return topology;
  const [first] = topology.issues;
  const reason = first === undefined ? "it holds no topology" : formatIssue(first);
  throw new SextantError(
    "invalid_document",
    `cannot read the topology, is the controller of another version? ${reason}`,
  );
}

/** The network as its controller computes on it: what observation found broken is kept off. */
export function snapshotOf(resource: Resource): TopologySnapshot {
  return createSnapshot(topologyOf(resource), 1, brokenLinksOf(resource));
}

/** Directions of links that a controller keeps paths off: those found broken, until they are trusted again. */
export function brokenLinksOf({ status }: Resource): DirectedLink[] {
  const told = status["linkHealth"];
  if (!Array.isArray(told)) return [];
  return (told as JsonObject[]).flatMap(({ name, state, from }) => {
    const isBroken = (state === "down" || state === "probation") && typeof name === "string" && Array.isArray(from);
    return isBroken ? (from as string[]).map((end) => ({ link: name, from: end })) : [];
  });
}

/** The domain intent of a resource, with its order and the instances of its services; undefined when this version cannot read it. */
export function intentOf(
  resource: Resource,
  services: ReadonlyMap<string, Service> = new Map<string, Service>(),
): Intent | undefined {
  const { name, labels, generation, spec } = resource;
  const value = { apiVersion: API_VERSION, kind: "Intent", metadata: { name, labels }, spec };
  const [document] = parseDocumentValue(`Intent/${name}`, value).documents;
  const { order } = intentStatusOf(resource);
  if (document?.kind !== "Intent") return undefined;
  return withServices(intentFromDocument(document, generation, order), services);
}

/** What policies of intents were measured to need, as their resources tell. */
export function measuredIn(resources: readonly Resource[]): Measured {
  const byName = new Map(
    resources.map((resource) => [
      resource.name,
      new Map(intentStatusOf(resource).policies.map((policy) => [pairName(policy), policy.reservation?.mbps ?? 0])),
    ]),
  );
  return (intent, pair) => byName.get(intent)?.get(pairName(pair)) ?? 0;
}

/** What hosts cannot do, as their resources tell. */
export function lackingIn(hosts: readonly Resource[]): LackingFeatures {
  const entries = hosts.flatMap((host) => {
    const { features } = hostStatusOf(host).session;
    return features === undefined ? [] : [[host.name, lackingOf(features)] as const];
  });
  return new Map(entries);
}

/** The domain services of resources, by name; those that this version cannot read are left out. */
export function servicesOf(resources: readonly Resource[]): ReadonlyMap<string, Service> {
  const services = resources.flatMap(({ name, labels, spec }) => {
    const value = { apiVersion: API_VERSION, kind: "Service", metadata: { name, labels }, spec };
    const [document] = parseDocumentValue(`Service/${name}`, value).documents;
    return document?.kind === "Service" ? serviceFromDocument(document) : [];
  });
  return new Map(services.map((service) => [service.name, service]));
}
