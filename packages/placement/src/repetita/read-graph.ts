import type { Issue } from "@sextant/model";
import { buildNetwork, type NetworkLink, type NetworkNode, type PlacementNetwork } from "../network";
import { expectEnd, readTable } from "./read-table";
import { TextLines, type Word } from "./text-lines";

const KBPS_PER_MBPS = 1_000;
const MAX_NODES = 100_000;
const MAX_LINKS = 1_000_000;
/** 24 bits, the wide metric of IS-IS (RFC 5305 section 3.7). */
const MAX_METRIC = 0xff_ffff;
const MAX_KBPS = 1e13;
const MIN_KBPS = 1e-3;
const MAX_DELAY_US = 1e9;
const MAX_COORDINATE = 1e12;

/**
 * Reads a `.graph` file of the REPETITA collection (Gay, Schaus, Vissicchio 2017): nodes `label x y`, then directed links
 * `label src dest weight bw delay` with nodes counted from 0, bandwidth in kbit/s and delay in microseconds. Parallel links and islands
 * are fine; every other oddity is an issue at its line and column, all of them at once.
 */
export function readGraph(file: string, text: string): PlacementNetwork | { readonly issues: readonly Issue[] } {
  const lines = new TextLines(file, text);
  const nodes: NetworkNode[] = [];
  const links: NetworkLink[] = [];
  const nodeTable = { keyword: "NODES", columns: ["label", "x", "y"], maxRows: MAX_NODES };
  const linkTable = {
    keyword: "EDGES",
    columns: ["label", "src", "dest", "weight", "bw", "delay"],
    maxRows: MAX_LINKS,
  };
  const complete =
    readTable(lines, nodeTable, ([label, x, y]) => {
      lines.number(x as Word, "x", -MAX_COORDINATE, MAX_COORDINATE);
      lines.number(y as Word, "y", -MAX_COORDINATE, MAX_COORDINATE);
      nodes.push({ name: (label as Word).text, isHost: false });
    }) && readTable(lines, linkTable, (words) => links.push(readLink(lines, words, nodes.length)));
  if (complete) expectEnd(lines);
  return lines.issues.length > 0 ? { issues: lines.issues } : buildNetwork(nodes, links);
}

function readLink(lines: TextLines, words: readonly Word[], nodeCount: number): NetworkLink {
  const [label, src, dest, weight, bw, delay] = words as [Word, Word, Word, Word, Word, Word];
  const from = readNode(lines, src, "src", nodeCount);
  const to = readNode(lines, dest, "dest", nodeCount);
  if (from !== undefined && from === to) {
    lines.report("invalid_value", "dest", "a link leads from one node to another, not to itself", dest.column);
  }
  lines.number(delay, "delay", 0, MAX_DELAY_US);
  return {
    name: label.text,
    from: from ?? 0,
    to: to ?? 0,
    igp: lines.whole(weight, "weight", 0, MAX_METRIC),
    capacityMbps: lines.number(bw, "bw", MIN_KBPS, MAX_KBPS) / KBPS_PER_MBPS,
  };
}

/** Index of a node; undefined, and an issue, when there is none of that number. */
export function readNode(lines: TextLines, word: Word, field: string, nodeCount: number): number | undefined {
  const before = lines.issues.length;
  const node = lines.whole(word, field, 0, Number.MAX_SAFE_INTEGER);
  if (lines.issues.length > before) return undefined;
  if (node < nodeCount) return node;
  const known = nodeCount === 0 ? "there are none" : `they count from 0 to ${nodeCount - 1}`;
  lines.report("unknown_reference", field, `there is no node ${node}: ${known}`, word.column);
  return undefined;
}
