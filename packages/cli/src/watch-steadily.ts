import { setTimeout as wait } from "node:timers/promises";
import { SextantError } from "@sextant/model";
import type { OperatorClient } from "./edge/operator-client";
import type { Kind } from "./kinds";
import { fetchAll, watchResources } from "./list-resources";
import type { Resource } from "./resource";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/** What a reader is told. */
export interface WatchEvents {
  onChange(resource: Resource, deleted: boolean): void;
  /** Once per outage, and once when it is over. */
  onOutage(reason: string): void;
  onReturn(): void;
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
  await fetchAll(client, kind, names);
  const told = new Map<string, string>();
  const tell = (resource: Resource, deleted: boolean) => {
    const content = JSON.stringify(resource);
    if (deleted ? !told.delete(resource.name) : told.get(resource.name) === content) return;
    if (!deleted) told.set(resource.name, content);
    events.onChange(resource, deleted);
  };
  for (;;) {
    const watched = await attempt(() => watchResources(client, kind, names, tell, signal));
    if (signal.aborted) return;
    events.onOutage(watched.kind === "outage" ? watched.reason : "the controller ended the watch");
    const present = await whenBack(() => fetchAll(client, kind, names), signal);
    if (present === undefined) return;
    events.onReturn();
    const left = new Set(present.map(({ name }) => name));
    for (const name of [...told.keys()].filter((known) => !left.has(known))) {
      tell({ kind, name, labels: {}, generation: 0, spec: {}, status: {} }, true);
    }
  }
}

type Attempt<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "outage"; readonly reason: string };

/** Tells a controller that cannot be reached, which is waited for, from every other failure, which is thrown. */
async function attempt<T>(action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: "answered", value: await action() };
  } catch (thrown) {
    const error = SextantError.from(thrown);
    if (error.code !== "unavailable") throw error;
    return { kind: "outage", reason: error.message };
  }
}

/** Asks with growing pauses; undefined when the signal came first. */
async function whenBack(ask: () => Promise<Resource[]>, signal: AbortSignal): Promise<Resource[] | undefined> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return undefined;
    const answer = await attempt(ask);
    if (answer.kind === "answered") return answer.value;
  }
}
