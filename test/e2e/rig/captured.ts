import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LinkName } from "@sextant/lab";
import { decode, type DecodedPacket } from "../../support/decoder";
import { eventually } from "../../support/eventually";
import type { Rig } from "./rig";

/** Polls for which a capture must not have grown: its program had its turn by then. */
const STILL_POLLS = 5;
const SETTLING_MS = 500;

/** Where packets are seen: a node or workload, its end of a link or an interface, and which direction (in by default). */
export type Place = readonly [node: string, where: LinkName | string, direction?: "in" | "out"];

/** Captures at several places while something happens; gives what an independent decoder makes of the packets. */
export async function captured<P extends string, T>(
  rig: Rig,
  places: Readonly<Record<P, Place>>,
  work: () => Promise<T>,
  filter?: string,
): Promise<{ readonly result: T; readonly packets: Readonly<Record<P, readonly DecodedPacket[]>> }> {
  const directory = mkdtempSync(join(tmpdir(), "captured-"));
  try {
    const names = Object.keys(places) as P[];
    const captures = await Promise.all(
      names.map((name) => {
        const [node, where, direction = "in"] = places[name];
        return rig.lab.capture(node, where, { direction, filter, pcapFile: join(directory, name) });
      }),
    );
    const result = await work();
    await settled(names.map((name) => join(directory, name)));
    await Promise.all(captures.map((capture) => capture.stop()));
    const packets = {} as Record<P, readonly DecodedPacket[]>;
    for (const name of names) packets[name] = decode(join(directory, name));
    return { result, packets };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** An interrupted tcpdump drops what it has not read yet. Where traffic goes on there is nothing to wait for. */
async function settled(files: readonly string[]): Promise<void> {
  let before = "";
  let still = 0;
  const isStill = () => {
    const sizes = files.map((file) => statSync(file).size).join(" ");
    still = sizes === before ? still + 1 : 0;
    before = sizes;
    return still >= STILL_POLLS;
  };
  await eventually("the captures have everything", isStill, SETTLING_MS).catch(() => undefined);
}
