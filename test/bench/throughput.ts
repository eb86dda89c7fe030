// TCP over two routers: plain, by the kernel's own seg6 routes, and by the packet path.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { figure, printReport } from "./report";
import { spreadOf } from "./statistics";
import { addressOf, MSS_BYTES, ThroughputNetwork, type Way, WAYS } from "./throughput-network";
import { ThroughputSteering } from "./throughput-steering";

const ROUNDS = Number(process.env["ROUNDS"] ?? 25);
/** Half a second or so: short runs in quick turns meet the same weather. */
const TRANSFER_BYTES = 1_000_000_000;
/**
 * Sender, routers and receiver share one processor, so that what a packet costs anywhere on its way is what the rate falls by. On two, the
 * rate swings twofold with how many acknowledgements an interrupt between processors brings.
 */
const PROCESSOR = "0";
/** In flight at most: what the receiver copies is still in the processor's cache, always; with more it is so now and then. */
const WINDOW = "256K";
/** Linux's own default, whatever this machine has. */
const CONGESTION_CONTROL = "cubic";
/** What else the machine does waits. */
const FIRST = ["nice", "-n", "-15"];
const run = promisify(execFile);

/** Gbit/s that arrived, in each round. */
type Rates = ReadonlyMap<Way, readonly number[]>;

/** Interleaved, every other round backwards: whatever slows the machine for a while falls on all ways alike. */
async function measure(network: ThroughputNetwork, steering: ThroughputSteering): Promise<Rates> {
  const rates = new Map<Way, number[]>(WAYS.map((way) => [way, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const way of round % 2 === 1 ? WAYS : [...WAYS].reverse()) {
      steering.attach(ThroughputSteering.has(way));
      const before = steering.packets(way);
      rates.get(way)?.push(await gbitPerSecond(network, way));
      if (ThroughputSteering.has(way) && steering.packets(way) === before)
        throw new Error(`${way}: nothing was steered`);
    }
    const text = [...rates].map(([way, measured]) => `${way} ${figure(measured.at(-1) ?? 0)}`);
    console.error(`round ${round} of ${ROUNDS}, Gbit/s: ${text.join(", ")}`);
  }
  return rates;
}

async function gbitPerSecond({ near }: ThroughputNetwork, way: Way): Promise<number> {
  const transfer = ["-c", addressOf(way), "-M", String(MSS_BYTES), "-n", String(TRANSFER_BYTES)];
  const args = [
    ...FIRST,
    "iperf3",
    "-J",
    "-A",
    `${PROCESSOR},${PROCESSOR}`,
    "-w",
    WINDOW,
    "-C",
    CONGESTION_CONTROL,
    ...transfer,
  ];
  const { stdout } = await run("nsenter", [`--net=/var/run/netns/${near}`, ...args], { maxBuffer: 1 << 24 });
  const { end } = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
  return end.sum_received.bits_per_second / 1e9;
}

/** Median over the rounds of one way's rate by another's in the same round. */
function ratio(rates: Rates, way: Way, base: Way): number {
  const below = rates.get(base) ?? [];
  return spreadOf((rates.get(way) ?? []).map((rate, round) => rate / (below[round] ?? Number.NaN))).median;
}

function report(rates: Rates): void {
  const spreads = [...rates].map(([way, measured]) => [way, spreadOf(measured)] as const);
  const raw = spreads.map(([way, { median }]) => [`${keyOf(way)}Gbps`, median] as const);
  printReport({
    what: `TCP over two routers, one stream, Gbit/s: ${ROUNDS} interleaved rounds, ${TRANSFER_BYTES / 1e6} MB each`,
    header: ["way", "median", "p95", "of plain"],
    rows: spreads.map(([way, { median, p95 }]) => [
      way,
      figure(median),
      figure(p95),
      figure(ratio(rates, way, "plain")),
    ]),
    json: {
      insertVsSeg6: ratio(rates, "insert", "seg6 inline"),
      encapVsSeg6: ratio(rates, "encap", "seg6 encap.red"),
      encapFullVsSeg6: ratio(rates, "encap full", "seg6 encap"),
      usidVsPlain: ratio(rates, "usid", "plain"),
      insertVsPlain: ratio(rates, "insert", "plain"),
      encapVsPlain: ratio(rates, "encap", "plain"),
      ...Object.fromEntries(raw),
    },
  });
}

/** "seg6 encap.red" as the start of a key: seg6EncapRed. */
function keyOf(way: Way): string {
  return way.replace(/[ .](\w)/g, (_, letter: string) => letter.toUpperCase());
}

async function main(): Promise<void> {
  const network = ThroughputNetwork.up();
  const steering = new ThroughputSteering(network);
  try {
    const server = network.namespaces.spawn(network.far, [...FIRST, "iperf3", "-s", "--forceflush"]);
    if (server.stdout === null) throw new Error("the server needs a pipe");
    await once(server.stdout, "data");
    server.stdout.resume();
    report(await measure(network, steering));
  } finally {
    steering.down();
    network.down();
  }
}

void main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
