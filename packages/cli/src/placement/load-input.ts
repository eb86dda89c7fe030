import { type Issue, parseDemandsDocuments, parseDocuments, SextantError, topologyFromDocument } from "@sextant/model";
import {
  demandsFromDocuments,
  type DemandSet,
  networkFromTopology,
  type PlacementNetwork,
  readDemands,
  readGraph,
} from "@sextant/placement";
import { readSources, type SourceFile } from "../read-sources";

export interface PlacementInput {
  readonly network: PlacementNetwork;
  readonly demands: DemandSet;
}

export interface Faulty {
  readonly issues: readonly Issue[];
}

/** All that is sound, or every problem. */
export type LoadedInput = PlacementInput | Faulty;

/**
 * Reads a network and its demands, each in our own format or REPETITA's, by the ends of the files' names: all that is sound, or every
 * problem. Throws SextantError `invalid_argument` for files that cannot be read or hold no topology.
 */
export function loadPlacementInput(topology: string, demands: string): LoadedInput {
  const network = readNetwork(readOne(topology));
  const source = readOne(demands);
  if ("issues" in network) return network;
  const read = source.name.endsWith(".demands")
    ? readDemands(source.name, source.content, network.nodeNames.length)
    : readOwnDemands(source, network);
  return "issues" in read ? read : { network, demands: read };
}

/** One file; a directory would leave open which of its files is meant. */
function readOne(path: string): SourceFile {
  const [source, ...others] = readSources([path]);
  if (source !== undefined && others.length === 0) return source;
  throw new SextantError("invalid_argument", `${path} holds several files: name one`);
}

function readNetwork({ name, content }: SourceFile): PlacementNetwork | Faulty {
  if (name.endsWith(".graph")) return readGraph(name, content);
  const { documents, issues } = parseDocuments(name, content);
  if (issues.length > 0) return { issues };
  const [document, ...others] = documents.filter((one) => one.kind === "Topology");
  if (document === undefined) throw new SextantError("invalid_argument", `${name} holds no document of kind Topology`);
  if (others.length > 0) throw new SextantError("invalid_argument", `${name} holds several topologies: keep one`);
  const topology = topologyFromDocument(document);
  return "issues" in topology ? topology : networkFromTopology(topology, name);
}

function readOwnDemands({ name, content }: SourceFile, network: PlacementNetwork): DemandSet | Faulty {
  const { documents, issues } = parseDemandsDocuments(name, content);
  if (issues.length > 0) return { issues };
  if (documents.length === 0) throw new SextantError("invalid_argument", `${name} holds no document of kind Demands`);
  return demandsFromDocuments(documents, network);
}
