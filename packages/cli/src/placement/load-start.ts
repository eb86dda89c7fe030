import type { Issue } from "@sextant/model";
import { type Placement, placementFromJson } from "@sextant/placement";
import { readSources } from "../read-sources";
import type { PlacementInput } from "./load-input";

/** The placement of an earlier run, for the demands of this one. */
export function loadStart(
  path: string,
  { network, demands }: PlacementInput,
): { readonly placement: Placement } | { readonly issues: readonly Issue[] } {
  const [source] = readSources([path]);
  return placementFromJson(source?.name ?? path, source?.content ?? "", network, demands);
}
