import type { OperatorClient } from "./edge/operator-client";
import type { Kind } from "./kinds";
import { fetchAll, watchResources } from "./list-resources";
import { type OutageEvents, throughOutages } from "./outage";
import type { Resource } from "./resource";

/** What a reader is told. */
export interface WatchEvents extends OutageEvents {
  onChange(resource: Resource, deleted: boolean): void;
}

/**
 * Watches resources until the signal, also while controllers come and go: what changed meanwhile, deletions included, is told
 * when one is back. Throws the SextantError of a controller that cannot be reached in the first place, and of any refusal.
 */
export async function watchSteadily(
  client: OperatorClient,
  kind: Kind,
  names: readonly string[],
  events: WatchEvents,
  signal: AbortSignal,
): Promise<void> {
  const ask = () => fetchAll(client, kind, names);
  await ask();
  const told = new Map<string, string>();
  const tell = (resource: Resource, deleted: boolean) => {
    const content = JSON.stringify(resource);
    if (deleted ? !told.delete(resource.name) : told.get(resource.name) === content) return;
    if (!deleted) told.set(resource.name, content);
    events.onChange(resource, deleted);
  };
  const tellDeleted = (present: readonly Resource[]) => {
    const left = new Set(present.map(({ name }) => name));
    for (const name of [...told.keys()].filter((known) => !left.has(known))) {
      tell({ kind, name, labels: {}, generation: 0, spec: {}, status: {} }, true);
    }
  };
  const watch = () => watchResources(client, kind, names, tell, signal);
  await throughOutages(watch, ask, tellDeleted, events, signal);
}
