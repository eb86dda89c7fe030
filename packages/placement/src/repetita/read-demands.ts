import type { Issue } from "@sextant/model";
import { buildDemands, type Demand, type DemandSet } from "../demands";
import { readNode } from "./read-graph";
import { expectEnd, readTable } from "./read-table";
import { TextLines, type Word } from "./text-lines";

const KBPS_PER_MBPS = 1_000;
const MAX_KBPS = 1e13;
/** Most demands of one file. */
export const MAX_DEMANDS = 4_000_000;

/**
 * Reads a `.demands` file of the REPETITA collection, for a network of so many nodes: `label src dest bw` with bandwidth in kbit/s.
 * Several demands between the same nodes are fine, and so are demands of nothing or from a node to itself, which load no link.
 */
export function readDemands(
  file: string,
  text: string,
  nodeCount: number,
): DemandSet | { readonly issues: readonly Issue[] } {
  const lines = new TextLines(file, text);
  const demands: Demand[] = [];
  const table = { keyword: "DEMANDS", columns: ["label", "src", "dest", "bw"], maxRows: MAX_DEMANDS };
  const complete = readTable(lines, table, (words) => {
    const [label, src, dest, bw] = words as [Word, Word, Word, Word];
    demands.push({
      name: label.text,
      from: readNode(lines, src, "src", nodeCount) ?? 0,
      to: readNode(lines, dest, "dest", nodeCount) ?? 0,
      mbps: lines.number(bw, "bw", 0, MAX_KBPS) / KBPS_PER_MBPS,
    });
  });
  if (complete) expectEnd(lines);
  return lines.issues.length > 0 ? { issues: lines.issues } : buildDemands(demands);
}
