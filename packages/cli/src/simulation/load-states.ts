import {
  type DirectedLink,
  EMPTY_CATALOG,
  type SimulatedState,
  type SourceFile,
  withUnusable,
} from "@sextant/controller";
import { API_VERSION, didYouMean, type Issue, SextantError } from "@sextant/model";
import { brokenLinksOf } from "../domain-of-resource";
import type { OperatorClient } from "../edge/operator-client";
import { acceptOffline, type Offline } from "../load-offline";
import { readSources } from "../read-sources";

/** What is in force somewhere. */
export interface Base {
  readonly files: readonly SourceFile[];
  /** What observation found broken. */
  readonly broken: readonly DirectedLink[];
}

/** What is at hand, and what is asked for instead. */
export interface Documents {
  readonly base: Base;
  /** Files of documents that come on top, or replace those of their names. */
  readonly add: readonly string[];
  /** Names of intents that go. */
  readonly remove: readonly string[];
}

export type LoadedStates =
  | { readonly issues: readonly Issue[] }
  | { readonly before: SimulatedState; readonly after: SimulatedState };

/** The states before and after documents come and go, accepted as a controller would. Throws SextantError `not_found` for a name that is not there. */
export function loadStates({ base, add, remove }: Documents): LoadedStates {
  const before = acceptOffline(base.files, EMPTY_CATALOG);
  if ("issues" in before) return before;
  const after = add.length === 0 ? before : acceptOffline(readSources(add), before.catalog);
  if ("issues" in after) return after;
  const state = stateOf(after, base.broken);
  const names = state.intents.map(({ name }) => name);
  for (const name of remove) {
    if (!names.includes(name))
      throw new SextantError("not_found", `there is no intent "${name}"${didYouMean(name, names)}`);
  }
  return {
    before: stateOf(before, base.broken),
    after: { ...state, intents: state.intents.filter(({ name }) => !remove.includes(name)) },
  };
}

/** The documents that a controller has in force, and what its agents have observed. */
export async function baseOf(client: OperatorClient): Promise<Base> {
  const kinds = await Promise.all(["Topology", "Service", "Intent"].map((kind) => client.get(kind, [])));
  const resources = kinds.flat();
  const documents = resources.map(({ kind, name, labels, spec }) => {
    return JSON.stringify({ apiVersion: API_VERSION, kind, metadata: { name, labels }, spec });
  });
  const broken = resources.flatMap((resource) => (resource.kind === "Topology" ? brokenLinksOf(resource) : []));
  return { files: [{ name: "controller", content: documents.join("\n---\n") }], broken };
}

function stateOf(
  { snapshot, intents }: Exclude<Offline, { readonly issues: readonly Issue[] }>,
  broken: readonly DirectedLink[],
): SimulatedState {
  const observed = withUnusable(snapshot, snapshot.version, broken);
  return { snapshot: observed, broken, intents: intents.map(({ intent }) => intent) };
}
