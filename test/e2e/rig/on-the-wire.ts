import { counterDifference, type LinkName } from "@sextant/lab";
import { eventually } from "../../support/eventually";
import { type CapturedPacket, packetsTo } from "./captured-packet";
import type { Rig } from "./rig";

/** So many packets of a host are a moment: with a packet per millisecond, a tenth of a second. */
const MOMENT_PACKETS = 100;

/** Waits until a host has sent so many packets more, whatever became of them. Its link is named as the topology does: `host-router`. */
export async function sentMore(rig: Rig, host: string, packets = MOMENT_PACKETS): Promise<void> {
  const [access] = [...rig.lab.plan.links.values()].filter(({ a, b }) => a.node === host || b.node === host);
  const name = access?.link.name ?? "";
  const before = await rig.lab.linkCounters();
  await eventually(
    `${host} has sent ${packets} packets`,
    async () => {
      const counted = counterDifference(before, await rig.lab.linkCounters()).get(name);
      return [counted?.a, counted?.b].some((end) => end?.node === host && end.txPackets >= packets);
    },
    20_000,
  );
}

/** Packets to a port that a router puts on each of its links in a moment of a host's traffic, whether they then vanish or not. */
export async function onTheWire<P extends string>(
  rig: Rig,
  { host, port }: { readonly host: string; readonly port: number },
  router: string,
  ways: Readonly<Record<P, LinkName>>,
): Promise<Record<P, CapturedPacket[]>> {
  const names = Object.keys(ways) as P[];
  const captures = await Promise.all(
    names.map((name) => rig.lab.capture(router, ways[name], { direction: "out", filter: "ip6" })),
  );
  await sentMore(rig, host);
  const lines = await Promise.all(captures.map((capture) => capture.stop()));
  return Object.fromEntries(names.map((name, i) => [name, packetsTo(port, lines[i] ?? [])])) as Record<
    P,
    CapturedPacket[]
  >;
}
