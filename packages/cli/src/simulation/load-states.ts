import { EMPTY_CATALOG, type SimulatedState, type SourceFile } from "@sextant/controller";
import { API_VERSION, didYouMean, type Issue, SextantError } from "@sextant/model";
import type { OperatorClient } from "../edge/operator-client";
import { acceptOffline, type Offline } from "../load-offline";
import { readSources } from "../read-sources";

/** What is at hand, and what is asked for instead. */
export interface Documents {
  readonly base: readonly SourceFile[];
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
  const before = acceptOffline(base, EMPTY_CATALOG);
  if ("issues" in before) return before;
  const after = add.length === 0 ? before : acceptOffline(readSources(add), before.catalog);
  if ("issues" in after) return after;
  const state = stateOf(after);
  const names = state.intents.map(({ name }) => name);
  for (const name of remove) {
    if (!names.includes(name))
      throw new SextantError("not_found", `there is no intent "${name}"${didYouMean(name, names)}`);
  }
  return {
    before: stateOf(before),
    after: { ...state, intents: state.intents.filter(({ name }) => !remove.includes(name)) },
  };
}

/** The documents that a controller has in force. */
export async function documentsOf(client: OperatorClient): Promise<SourceFile[]> {
  const kinds = await Promise.all(["Topology", "Service", "Intent"].map((kind) => client.get(kind, [])));
  const documents = kinds.flat().map(({ kind, name, labels, spec }) => {
    return JSON.stringify({ apiVersion: API_VERSION, kind, metadata: { name, labels }, spec });
  });
  return [{ name: "controller", content: documents.join("\n---\n") }];
}

function stateOf({ snapshot, intents }: Exclude<Offline, { readonly issues: readonly Issue[] }>): SimulatedState {
  return { snapshot, intents: intents.map(({ intent }) => intent) };
}
