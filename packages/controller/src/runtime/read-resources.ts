import { isListKey, type ListKey, type PolicyKey } from "@sextant/model";
import { findDocument } from "../pipeline/catalog";
import type { DocumentId } from "../pipeline/document-record";
import type { Controller } from "./controller";
import { hostStatus } from "./host-status";
import { intentStatus, listStatus } from "./intent-status";
import { observeHost } from "./observe-host";
import { linkHealthStatus } from "./link-status";
import type { HostObservation } from "./observed-conditions";
import { pathName } from "./path-name";
import type { ResourceKind, ResourceView } from "./resource-view";

/** Which resources: all of the kind when no names are given. */
export interface ResourceQuery {
  readonly kind: ResourceKind;
  readonly names: readonly string[];
}

/** The resources that a query means, by name; names that do not exist are left out. */
export function readResources(controller: Controller, query: ResourceQuery): ResourceView[] {
  return resourceNames(controller, query).flatMap((name) => readResource(controller, query.kind, name) ?? []);
}

/** The names that a query means, in order; some of those given may not exist. */
export function resourceNames(controller: Controller, { kind, names }: ResourceQuery): string[] {
  return (names.length > 0 ? [...new Set(names)] : allNames(controller, kind)).sort();
}

function allNames(controller: Controller, kind: ResourceKind): string[] {
  const { catalog, plans } = controller;
  switch (kind) {
    case "Topology":
      return catalog.topology === undefined ? [] : [catalog.topology.record.name];
    case "Intent":
      return [...catalog.intents.keys()];
    case "Service":
      return [...catalog.services.keys()];
    case "Host":
      return hostNames(controller);
    case "Path":
      return hostNames(controller).flatMap((host) =>
        [...plans.desiredOf(host).keys()].filter(isListKey).map((list) => pathName(host, list)),
      );
  }
}

function readResource(controller: Controller, kind: ResourceKind, name: string): ResourceView | undefined {
  switch (kind) {
    case "Topology":
    case "Intent":
    case "Service":
      return documentResource(controller, { kind, name });
    case "Host":
      return hostResource(controller, name);
    case "Path":
      return pathResource(controller, name);
  }
}

function documentResource(controller: Controller, id: DocumentId): ResourceView | undefined {
  const record = findDocument(controller.catalog, id)?.record;
  if (record === undefined) return undefined;
  const { kind, name, labels, generation } = record;
  return {
    kind,
    name,
    labels,
    generation,
    spec: record.spec as object,
    status: documentStatus(controller, id, generation),
  };
}

function documentStatus(controller: Controller, { kind, name }: DocumentId, generation: number): object {
  const { plans } = controller;
  if (kind === "Intent") {
    const plan = plans.of(name);
    return plan === undefined ? {} : intentStatus(plan, (host) => observe(controller, host));
  }
  const message = "schema and references are sound";
  const accepted = { type: "Accepted", status: "True", reason: "Valid", message, observedGeneration: generation };
  const { snapshot } = plans;
  if (kind === "Service" || snapshot === undefined) return { conditions: [accepted] };
  const { nodes, links } = snapshot.topology;
  const hosts = nodes.filter((node) => node.kind === "host").length;
  const counts = { nodes: nodes.length, hosts, links: links.length };
  const linkHealth = linkHealthStatus(controller.links);
  const { uses: bandwidth } = plans.bandwidth;
  return { conditions: [accepted], snapshotVersion: snapshot.version, ...counts, linkHealth, bandwidth };
}

function hostNames(controller: Controller): string[] {
  const declared = controller.plans.snapshot?.topology.nodes ?? [];
  return declared.filter((node) => node.kind === "host").map((node) => node.name);
}

function hostResource(controller: Controller, name: string): ResourceView | undefined {
  const node = controller.plans.snapshot?.nodes.get(name);
  if (node?.kind !== "host") return undefined;
  const { stale } = observe(controller, name);
  const status = hostStatus(controller.hosts.get(name), controller.plans.desiredOf(name), stale, controller.term);
  return { kind: "Host", name, labels: node.labels, generation: 0, spec: undefined, status };
}

/** A path is one segment list of one host: `HOST/16 hex digits`. */
function pathResource(controller: Controller, name: string): ResourceView | undefined {
  const slash = name.lastIndexOf("/");
  const host = name.slice(0, slash);
  const list = `list/${name.slice(slash + 1)}` as ListKey;
  const entry = controller.plans.desiredOf(host).get(list)?.entry;
  if (entry?.kind !== "list") return undefined;
  const { health, stale } = observe(controller, host);
  const path = health?.paths.get(list);
  const counts = path === undefined ? {} : { probesSent: path.probesSent, probesReturned: path.probesReturned };
  const status = {
    host,
    encapsulation: entry.encapsulation,
    ...(entry.signingKeyId === undefined ? {} : { signingKeyId: entry.signingKeyId }),
    segments: entry.segments,
    probeSegments: entry.probeSegments,
    alternateProbeSegments: entry.alternateProbeSegments,
    policies: policiesOver(controller, host, list),
    stale,
    ...listStatus(list, health),
    ...counts,
  };
  return { kind: "Path", name, labels: {}, generation: 0, spec: undefined, status };
}

function policiesOver(controller: Controller, host: string, list: ListKey): PolicyKey[] {
  return [...controller.plans.policiesOf(host).values()]
    .filter(({ lists }) => lists.some(({ entry }) => entry.key === list))
    .map(({ policy }) => policy.entry.key)
    .sort();
}

function observe(controller: Controller, name: string): HostObservation {
  return observeHost(controller.hosts.get(name), controller.settings, controller.nowMs);
}
