import type { Constraints, Intent } from "@sextant/model";
import { BOUNDS } from "./intent-query";
import type { NoPath } from "./no-path";

/** Why there is no answer where a search was given up: whatever was asked that makes searches long. */
export function searchGivenUp({ constraints }: Pick<Intent, "constraints">): NoPath {
  return givenUp(`a path with ${together(hardOnes(constraints))}`);
}

/** The same of backups, which have to be disjoint as well. */
export function backupsGivenUp({ constraints, protection }: Pick<Intent, "constraints" | "protection">): NoPath {
  const { backups, disjoint } = protection;
  return givenUp(
    together([`${backups} ${disjoint}-disjoint ${backups === 1 ? "backup" : "backups"}`, ...hardOnes(constraints)]),
  );
}

function givenUp(what: string): NoPath {
  const message = `the search for ${what} was given up at its work limit: ask for less of that at once, or loosen a bound`;
  return { reason: "WorkLimit", message, relaxations: [] };
}

/** Constraints that make a search try many ways; all others only take links out of it. */
function hardOnes(constraints: Constraints): string[] {
  const { include, via } = constraints;
  const included = include.nodes.length + include.links.length + include.srlgs.length;
  return [
    ...BOUNDS.flatMap((name) => (constraints[name] === undefined ? [] : `${name} ${constraints[name]}`)),
    ...(included === 0 ? [] : [`${included} to include`]),
    ...(via.length === 0 ? [] : [`${via.length} to go via`]),
  ];
}

function together(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}
