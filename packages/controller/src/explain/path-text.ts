/** A path by the names of its nodes and links. */
export interface NamedPath {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
}

/** The nodes of a path; where it takes other links between the same nodes than the one that it stands beside, those links too. */
export function pathText({ nodes, links }: NamedPath, beside: NamedPath | undefined, separator = " "): string {
  const text = nodes.join(separator);
  if (beside?.nodes.join(separator) !== text) return text;
  const own = links.filter((link, i) => link !== beside.links[i]);
  return own.length === 0 ? text : `${text} over ${own.join(", ")}`;
}
