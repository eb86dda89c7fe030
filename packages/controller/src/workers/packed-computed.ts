import type { Intent } from "@sextant/model";
import { type FateNames, NOTHING_SHARED } from "../compute/disjoint";
import { pairsOf, unknownHosts } from "../compute/endpoints";
import type { NoPath } from "../compute/no-path";
import { edgesAlong } from "../compute/path-edges";
import { type ComputedIntent, type ComputedPolicy, computedPolicy, type Protection } from "../pipeline/compute";
import { ComputedPath, SharedPath } from "../pipeline/computed-path";
import type { FlatGraph } from "../topology/flat-graph";
import type { TopologySnapshot } from "../topology/snapshot";
import type { NumberReader, NumberWriter } from "./number-stream";

/** Writes the policies in the order of the intent's pairs. Returns what is no number: why there is no path, or no backup. */
export function writeComputed(
  writer: NumberWriter,
  { policies }: ComputedIntent,
  { flat }: TopologySnapshot,
): NoPath[] {
  writer.put(policies.length);
  return policies.flatMap((policy) => writePolicy(writer, policy, flat));
}

function writePolicy(
  writer: NumberWriter,
  { candidates, noPath, protection }: ComputedPolicy,
  graph: FlatGraph,
): NoPath[] {
  writer.put(candidates.length);
  for (const candidate of candidates) {
    writer.put(candidate.preference);
    writePath(writer, candidate, graph);
    writer.put(candidate.beside.length);
    for (const path of candidate.beside) writePath(writer, path, graph);
  }
  writer.put(Number(noPath !== undefined), Number(protection !== undefined));
  if (protection !== undefined) writeProtection(writer, protection, graph);
  return [noPath, protection?.shortfall].flatMap((reason) => reason ?? []);
}

function writePath(writer: NumberWriter, path: SharedPath, graph: FlatGraph): void {
  writer.putList(edgesAlong(graph, path));
  writer.put(path.weight, Number(path.exact));
}

function writeProtection(writer: NumberWriter, protection: Protection, graph: FlatGraph): void {
  const { found, movesPrimary, exemptions, shared, exact, shortfall } = protection;
  writer.put(found, Number(movesPrimary), Number(exact), Number(shortfall !== undefined), shared.length);
  for (const fates of [exemptions, ...shared]) writeFates(writer, fates, graph);
}

function writeFates(writer: NumberWriter, { links, nodes, srlgs }: FateNames, graph: FlatGraph): void {
  writer.putList(links.map((name) => graph.linkIndex.get(name) ?? -1));
  writer.putList(nodes.map((name) => graph.nodeIndex.get(name) ?? -1));
  writer.putList(srlgs.length === 0 ? [] : placesOf(srlgs, [...graph.srlgLinks.keys()]));
}

function placesOf(names: readonly string[], all: readonly string[]): number[] {
  const wanted = new Set(names);
  const places = new Map(all.flatMap((name, place) => (wanted.has(name) ? [[name, place]] : [])));
  return names.map((name) => places.get(name) ?? -1);
}

/** The same as `compute` made of the intent. Throws RangeError when it was another intent, or another network. */
export function readComputed(
  reader: NumberReader,
  intent: Intent,
  snapshot: TopologySnapshot,
  reasons: readonly NoPath[],
): ComputedIntent {
  const pairs = pairsOf(intent, snapshot);
  const count = reader.next();
  if (pairs.length !== count) throw new RangeError(`${pairs.length} pairs, ${count} policies`);
  const reading = { reader, intent, graph: snapshot.flat, reasons: reasons.values() };
  const policies = pairs.map((pair) => computedPolicy(pair, readPolicy(reading)));
  return { policies, unknownSources: unknownHosts(intent.from.hosts, snapshot) };
}

interface Reading {
  readonly reader: NumberReader;
  readonly intent: Intent;
  readonly graph: FlatGraph;
  readonly reasons: Iterator<NoPath, undefined>;
}

function readPolicy(reading: Reading): Pick<ComputedPolicy, "candidates" | "noPath" | "protection"> {
  const { reader, reasons, graph } = reading;
  const candidates = reader.times((): ComputedPath => {
    const preference = reader.next();
    const best = readShare(reading);
    return new ComputedPath(
      graph,
      best,
      preference,
      reader.times(() => new SharedPath(graph, readShare(reading))),
    );
  });
  const hasReason = reader.isNext();
  const isProtected = reader.isNext();
  const noPath = hasReason ? reasons.next().value : undefined;
  return { candidates, noPath, protection: isProtected ? readProtection(reading) : undefined };
}

function readShare({ reader }: Reading) {
  const edges = reader.list();
  const weight = reader.next();
  return { edges, exact: reader.isNext(), weight };
}

function readProtection(reading: Reading): Protection {
  const { reader, reasons, intent } = reading;
  const { backups: wanted, disjoint } = intent.protection;
  const found = reader.next();
  const movesPrimary = reader.isNext();
  const exact = reader.isNext();
  const isShort = reader.isNext();
  const sharing = reader.next();
  const exemptions = readFates(reading);
  const shared = Array.from({ length: sharing }, () => readFates(reading));
  const shortfall = isShort ? reasons.next().value : undefined;
  return { wanted, found, disjoint, movesPrimary, exemptions, shared, exact, shortfall };
}

function readFates({ reader, graph }: Reading): FateNames {
  const links = namesAt(reader.list(), graph.linkNames);
  const nodes = namesAt(reader.list(), graph.nodeNames);
  const srlgs = reader.list();
  if (links.length + nodes.length + srlgs.length === 0) return NOTHING_SHARED;
  return { links, nodes, srlgs: srlgs.length === 0 ? NO_NAMES : namesAt(srlgs, [...graph.srlgLinks.keys()]) };
}

/** Most have none: they share one array. */
const NO_NAMES: readonly string[] = [];

function namesAt(places: readonly number[], names: readonly string[]): readonly string[] {
  return places.length === 0 ? NO_NAMES : places.map((place) => names[place] ?? "");
}
