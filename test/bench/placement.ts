// Placement of bandwidth demands on the instances of a data folder, each judged by an independent simulator and against its optimum.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Issue } from "@sextant/model";
import { type DemandSet, place, type PlacementNetwork, readDemands, readGraph } from "@sextant/placement";
import { naiveDemandsOf, naiveEcmpOf } from "../support/naive-placement";
import { figure, printReport } from "./report";

const MAX_MIDPOINTS = 2;
/** Digits of the reference that must be met. */
const DIGITS = 4;
/** What an independent sum may differ by. */
const TOLERANCE = 1e-6;

interface Reference {
  readonly instance: string;
  readonly ecmpMlu: number;
  readonly optimumMlu: number;
}

interface Measured extends Reference {
  readonly mlu: number;
  readonly seconds: number;
  readonly split: number;
  readonly moved: number;
}

/** Rows of `reference.csv`, by the names of its columns. */
function readReference(folder: string): Reference[] {
  const file = join(folder, "reference.csv");
  const [head = "", ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
  const columns = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    const cell = (column: string) => cells[columns.indexOf(column)] ?? "";
    return {
      instance: cell("instance"),
      ecmpMlu: Number(cell("ecmp_mlu")),
      optimumMlu: Number(cell("lp_optimum_mlu")),
    };
  });
}

interface Faulty {
  readonly issues: readonly Issue[];
}

function sound<T extends object>(read: T): Exclude<T, Faulty> {
  if ("issues" in read) throw new Error(JSON.stringify(read.issues));
  return read as Exclude<T, Faulty>;
}

function readInstance(folder: string, instance: string): { network: PlacementNetwork; demands: DemandSet } {
  const file = readdirSync(folder).find((name) => name.startsWith(`${instance}.`) && name.endsWith(".demands"));
  if (file === undefined) throw new Error(`${folder} holds no demands of ${instance}`);
  const network = sound(readGraph(instance, readFileSync(join(folder, `${instance}.graph`), "utf8")));
  const demands = sound(readDemands(file, readFileSync(join(folder, file), "utf8"), network.nodeNames.length));
  return { network, demands };
}

async function measure(folder: string, reference: Reference): Promise<Measured> {
  const { network, demands } = readInstance(folder, reference.instance);
  const start = performance.now();
  const { plain, after, placement, order } = await place(network, demands, { maxMidpoints: MAX_MIDPOINTS });
  const seconds = (performance.now() - start) / 1_000;
  if (plain.mlu.toFixed(DIGITS) !== reference.ecmpMlu.toFixed(DIGITS)) {
    throw new Error(`${reference.instance}: plain routing gives ${plain.mlu}, the reference ${reference.ecmpMlu}`);
  }
  const judged = naiveEcmpOf(network).mlu(naiveDemandsOf(network, demands, placement));
  if (Math.abs(judged - after.mlu) > TOLERANCE || after.unroutable.length > 0) {
    throw new Error(`${reference.instance}: ${after.mlu} is claimed, its lists give ${judged}`);
  }
  const split = placement.filter((lists) => lists.length > 1).length;
  return { ...reference, ecmpMlu: plain.mlu, mlu: after.mlu, seconds, split, moved: order.steps.length };
}

/** Six decimals: more than the reference has. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}

async function main(): Promise<void> {
  const folder = process.env["DATA"] ?? "";
  if (folder === "" || !existsSync(join(folder, "reference.csv"))) {
    const found = folder === "" ? "DATA is not given" : `${folder} holds no reference.csv`;
    console.error(`${found}: make bench-placement DATA=<folder with REPETITA instances and reference.csv>`);
    process.exitCode = 1;
    return;
  }
  const measured: Measured[] = [];
  for (const reference of readReference(folder)) measured.push(await measure(folder, reference));
  const ratios = measured.map(({ mlu, optimumMlu }) => mlu / optimumMlu);
  printReport({
    what:
      `${measured.length} instances, at most ${MAX_MIDPOINTS} midpoints per list; plain routing as in the reference to ${DIGITS} digits, ` +
      "and every result evaluated again by an independent simulator",
    header: ["instance", "plain MLU", "MLU", "optimum", "ratio", "moved", "split", "seconds"],
    rows: measured.map((one, i) => [
      one.instance,
      one.ecmpMlu.toFixed(DIGITS),
      one.mlu.toFixed(DIGITS),
      one.optimumMlu.toFixed(DIGITS),
      (ratios[i] ?? Number.NaN).toFixed(DIGITS),
      String(one.moved),
      String(one.split),
      figure(one.seconds),
    ]),
    json: {
      meanRatio: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length,
      worstRatio: Math.max(...ratios),
      maxSeconds: Math.max(...measured.map(({ seconds }) => seconds)),
      instances: measured.map(({ instance, ecmpMlu, mlu, optimumMlu, seconds }) => ({
        instance,
        ecmpMlu: rounded(ecmpMlu),
        mlu: rounded(mlu),
        optimumMlu,
        seconds: rounded(seconds),
      })),
    },
  });
}

void main();
