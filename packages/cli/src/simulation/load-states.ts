import {
  type DirectedLink,
  EMPTY_CATALOG,
  type LackingFeatures,
  type Measured,
  type SimulatedState,
  type SourceFile,
  withUnusable,
} from "@sextant/controller";
import { API_VERSION, didYouMean, type Issue, SextantError } from "@sextant/model";
import { brokenLinksOf, lackingIn, measuredIn } from "../domain-of-resource";
import type { OperatorClient } from "../edge/operator-client";
import { acceptOffline, type Offline } from "../load-offline";
import { readSources } from "../read-sources";
import type { Resource } from "../resource";
import { intentStatusOf } from "../status";
import { changedDemands, loadDemands } from "./load-demands";

/** What is in force somewhere. */
export interface Base {
  readonly files: readonly SourceFile[];
  /** What observation found broken. */
  readonly broken: readonly DirectedLink[];
  /** What policies were measured to need. */
  readonly measured?: Measured;
  /** What hosts cannot do. */
  readonly lacking?: LackingFeatures;
}

/** What is at hand, and what is asked for instead. */
export interface Documents {
  readonly base: Base;
  /** Files of documents that come on top, or replace those of their names. */
  readonly add: readonly string[];
  /** Names of intents that go. */
  readonly remove: readonly string[];
  /** Files of demands that are there, of those that come, and names of those that go. */
  readonly demands: readonly string[];
  readonly addDemands: readonly string[];
  readonly removeDemands: readonly string[];
}

export type LoadedStates =
  | { readonly issues: readonly Issue[] }
  | { readonly before: SimulatedState; readonly after: SimulatedState };

/** The states before and after documents come and go, accepted as a controller would. Throws SextantError `not_found` for a name that is not there. */
export function loadStates({ base, add, remove, ...traffic }: Documents): LoadedStates {
  const before = acceptOffline(base.files, EMPTY_CATALOG);
  if ("issues" in before) return before;
  const after = add.length === 0 ? before : acceptOffline(readSources(add), before.catalog);
  if ("issues" in after) return after;
  const [old, now] = [stateOf(before, base), stateOf(after, base)];
  const names = now.intents.map(({ name }) => name);
  for (const name of remove) {
    if (!names.includes(name))
      throw new SextantError("not_found", `there is no intent "${name}"${didYouMean(name, names)}`);
  }
  const there = loadDemands(traffic.demands, old.snapshot);
  const more = loadDemands(traffic.addDemands, now.snapshot);
  if ("issues" in there) return there;
  if ("issues" in more) return more;
  const demands = changedDemands(there.demands, more.demands, traffic.removeDemands);
  const intents = now.intents.filter(({ name }) => !remove.includes(name));
  return { before: { ...old, demands: there.demands }, after: { ...now, intents, demands } };
}

/** The documents that a controller has in force, and what its agents have observed. */
export async function baseOf(client: OperatorClient): Promise<Base> {
  const [hosts, ...kinds] = await Promise.all(
    ["Host", "Topology", "Service", "Intent"].map((kind) => client.get(kind, [])),
  );
  // Who came first is first again: that decides who gets bandwidth.
  const orderOf = (resource: Resource) => intentStatusOf(resource).order ?? 0;
  const resources = kinds.flat().sort((a, b) => orderOf(a) - orderOf(b));
  const documents = resources.map(({ kind, name, labels, spec }) => {
    return JSON.stringify({ apiVersion: API_VERSION, kind, metadata: { name, labels }, spec });
  });
  const broken = resources.flatMap((resource) => (resource.kind === "Topology" ? brokenLinksOf(resource) : []));
  const measured = measuredIn(resources.filter(({ kind }) => kind === "Intent"));
  const files = [{ name: "controller", content: documents.join("\n---\n") }];
  return { files, broken, measured, lacking: lackingIn(hosts ?? []) };
}

function stateOf(
  { snapshot, intents }: Exclude<Offline, { readonly issues: readonly Issue[] }>,
  { broken, measured, lacking }: Base,
): SimulatedState {
  const observed = withUnusable(snapshot, snapshot.version, broken);
  return {
    snapshot: observed,
    broken,
    intents: intents.map(({ intent }) => intent),
    ...(measured === undefined ? {} : { measured }),
    ...(lacking === undefined ? {} : { lacking }),
  };
}
