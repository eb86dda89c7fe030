import { didYouMean, SextantError } from "@sextant/model";
import type { OperatorClient } from "./edge/operator-client";
import type { Kind } from "./kinds";
import type { Resource } from "./resource";
import { linkResources, nodeResources } from "./topology-resources";

/** Kinds that are parts of another one, and how they are taken out of it. */
const PARTS: Readonly<Partial<Record<Kind, (resource: Resource) => Resource[]>>> = {
  Node: nodeResources,
  Link: linkResources,
};

/** Resources of a kind, in the order of their names when asked for by name. SextantError `not_found` for a missing one. */
export async function listResources(client: OperatorClient, kind: Kind, names: readonly string[]): Promise<Resource[]> {
  const resources = await fetchAll(client, kind, names);
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const missing = names.find((name) => !byName.has(name));
  if (missing !== undefined) throw await notFound(client, kind, missing);
  return names.length === 0 ? resources : names.flatMap((name) => byName.get(name) ?? []);
}

/** Calls back for each resource and each later change, until the signal or the controller ends it. */
export function watchResources(
  client: OperatorClient,
  kind: Kind,
  names: readonly string[],
  onChange: (resource: Resource, deleted: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const split = PARTS[kind];
  if (split === undefined) return client.watch(kind, names, onChange, signal);
  let last = new Map<string, Resource>();
  const onTopology = (topology: Resource, deleted: boolean) => {
    const parts = deleted ? [] : split(topology).filter(({ name }) => names.length === 0 || names.includes(name));
    const now = new Map(parts.map((part) => [part.name, part]));
    for (const part of parts) {
      if (contentOf(part) !== contentOf(last.get(part.name))) onChange(part, false);
    }
    for (const part of last.values()) {
      if (!now.has(part.name)) onChange(part, true);
    }
    last = now;
  };
  return client.watch("Topology", [], onTopology, signal);
}

/** What makes a part another one: the generation is that of the whole. */
function contentOf(part: Resource | undefined): string {
  return JSON.stringify([part?.spec, part?.status]);
}

/** Resources of a kind; parts of a topology come all of them, whatever the names. */
export async function fetchAll(client: OperatorClient, kind: Kind, names: readonly string[]): Promise<Resource[]> {
  const split = PARTS[kind];
  if (split !== undefined) return (await client.get("Topology", [])).flatMap(split);
  return client.get(kind, names);
}

async function notFound(client: OperatorClient, kind: Kind, name: string): Promise<SextantError> {
  const known = (await fetchAll(client, kind, [])).map((resource) => resource.name);
  return new SextantError("not_found", `there is no ${kind.toLowerCase()} "${name}"${didYouMean(name, known)}`);
}
