import { didYouMean, SextantError } from "@sextant/model";

/** A kind of thing that can be asked for. Nodes and links are read out of the topology; hosts and paths are observed. */
export type Kind = "Intent" | "Topology" | "Service" | "Host" | "Path" | "Node" | "Link";

const NAMES: Readonly<Record<Kind, readonly string[]>> = {
  Intent: ["intents", "intent", "in"],
  Topology: ["topologies", "topology", "topo"],
  Service: ["services", "service", "svc"],
  Host: ["hosts", "host", "ho"],
  Path: ["paths", "path", "pa"],
  Node: ["nodes", "node", "no"],
  Link: ["links", "link", "li"],
};
const BY_NAME = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) => names.map((name) => [name, kind as Kind] as const)),
);

/** How people call the kinds, for help texts: plural, then short form. */
export const KIND_HELP = Object.values(NAMES)
  .map(([plural = "", , short = ""]) => `${plural} (${short})`)
  .join(", ");

/** The kind that a word names; SextantError `invalid_argument` otherwise. */
export function parseKind(word: string): Kind {
  const kind = BY_NAME.get(word.toLowerCase());
  if (kind !== undefined) return kind;
  const plurals = Object.values(NAMES).map(([plural]) => plural ?? "");
  throw new SextantError(
    "invalid_argument",
    `"${word}" is no kind${didYouMean(word, BY_NAME.keys())}: use ${plurals.join(", ")}`,
  );
}

/** Kinds that are documents: they are applied and deleted. */
export function isDocumentKind(kind: Kind): kind is "Intent" | "Topology" | "Service" {
  return kind === "Intent" || kind === "Topology" || kind === "Service";
}
