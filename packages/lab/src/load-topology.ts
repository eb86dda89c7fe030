import { readFileSync } from "node:fs";
import {
  formatIssue,
  type Issue,
  parseDocuments,
  SextantError,
  type Topology,
  topologyFromDocument,
} from "@sextant/model";
import { labName, labNameOfTopology } from "./names";

/** Reads the topology of a file that holds exactly one; throws SextantError `invalid_document` with every issue, one per line. */
export function loadTopology(file: string): { topology: Topology; text: string } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new SextantError("not_found", `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  return { topology: topologyFromText(file, text), text };
}

/** Name of the lab that `up` makes from a file unless told otherwise. */
export function labNameOfFile(file: string): string {
  return labName(labNameOfTopology(loadTopology(file).topology.name));
}

/** The topology of a text, as `loadTopology`. */
export function topologyFromText(file: string, text: string): Topology {
  const { documents, issues } = parseDocuments(file, text);
  if (issues.length > 0) throw invalid(issues);
  const topologies = documents.filter((document) => document.kind === "Topology");
  const [document, second] = topologies;
  if (document === undefined || second !== undefined) {
    throw new SextantError(
      "invalid_document",
      `${file} holds ${topologies.length} Topology documents: a lab needs exactly one`,
    );
  }
  const topology = topologyFromDocument(document);
  if ("issues" in topology) throw invalid(topology.issues);
  return topology;
}

function invalid(issues: readonly Issue[]): SextantError {
  return new SextantError("invalid_document", issues.map(formatIssue).join("\n"));
}
