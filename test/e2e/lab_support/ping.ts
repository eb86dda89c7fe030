import type { Lab } from "@sextant/lab";

/** What `ping` saw. */
export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** Shortest round trip; Infinity when nothing came back. */
  readonly minMs: number;
}

/** Pings from a node, a packet every 10 ms; answers have `waitSeconds` to come. */
export async function ping(lab: Lab, from: string, address: string, count = 5, waitSeconds = 2): Promise<PingResult> {
  const argv = ["ping", "-n", "-c", String(count), "-i", "0.01", "-W", String(waitSeconds), address];
  const { stdout } = await lab.exec(from, argv);
  // Without a route ping ends before it has sent anything.
  const [, sent = 0, received = 0] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
  const minMs = /= ([\d.]+)\//.exec(stdout)?.[1];
  return {
    sent: Number(sent),
    received: Number(received),
    minMs: minMs === undefined ? Number.POSITIVE_INFINITY : Number(minMs),
  };
}

/** Names of the links over which at least `packets` packets went from one host to the other, in the topology's order. */
export async function linksUsed(lab: Lab, work: () => Promise<unknown>, packets: number): Promise<string[]> {
  const before = await lab.linkCounters();
  await work();
  const after = await lab.linkCounters();
  return [...after].flatMap(([name, { a, b }]) => {
    const then = before.get(name);
    const seen = [a.rxPackets - (then?.a.rxPackets ?? 0), b.rxPackets - (then?.b.rxPackets ?? 0)];
    return Math.max(...seen) >= packets ? [name] : [];
  });
}
