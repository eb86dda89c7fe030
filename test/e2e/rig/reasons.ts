import type { Rig } from "./rig";

/** How many packets took each exit of a host's programs while something was done; those that nobody took are left out. */
export async function reasonsOf(rig: Rig, host: string, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = (await rig.agentStatus(host)).packetsByReason;
  await work();
  const after = (await rig.agentStatus(host)).packetsByReason;
  const rose = Object.entries(after).map(([name, count]) => [name, Number(count) - Number(before[name] ?? 0)] as const);
  return Object.fromEntries(rose.filter(([, count]) => count > 0));
}
