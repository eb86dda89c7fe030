import { Rig, type RigOptions } from "./rig";

/*
 * What most journeys use of examples/diamond: the fast way is the south, plain routing takes the north.
 *
 *                  north       igp 10 + 10, 10 ms
 *                 /     \
 *   alice -- west       east -- bob
 *                 \     /
 *                  south       igp 15 + 15, 2 ms
 */

/** Port and cgroup of the application that `calls` is for. */
export const CALLS = { from: "alice", to: "bob", port: 5_000, cgroup: "apps/calls" } as const;

/** Segments of the two ways. */
export const SOUTH = "fcbb:bb00:3::";
export const NORTH = "fcbb:bb00:4::";

/** Where packets on one of the two ways are captured. */
export const INTO_NORTH = { a: "west", b: "north" } as const;
export const INTO_SOUTH = { a: "west", b: "south" } as const;

/** The intent `calls` of the example: by delay, with or without a backup. `extra` are lines of its spec. */
export function callsIntent(extra = ""): string {
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: calls}
spec:
  from: {hosts: [alice]}
  to: {hosts: [bob]}
  application: {cgroup: apps/calls, protocol: udp, ports: ["5000-5999"]}
  objective: {minimize: delay}
  ${extra}
`;
}

/** Protection by the other way. */
export const WITH_BACKUP = "protection: {backups: 1, disjoint: link}";

/** The diamond with `calls` installed and its probes returning on both ways. Nothing is left when it cannot be had. */
export async function diamondWithCalls(options: Omit<RigOptions, "topology"> = {}): Promise<Rig> {
  const rig = await Rig.up({ ...options, topology: "diamond" });
  try {
    await rig.makeCgroups(CALLS.from, CALLS.cgroup);
    await rig.apply(callsIntent(WITH_BACKUP));
    await rig.live("calls");
    return rig;
  } catch (thrown) {
    await rig.down();
    throw thrown;
  }
}
