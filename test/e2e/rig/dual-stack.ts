import { Rig, type RigOptions, said } from "./rig";

/*
 * What the journeys on examples/dual-stack use. By delay desk reaches studio over ams and fra, by IGP also over par and zrh.
 *
 *             ams ------ fra
 *            /          //  \
 *   desk - lon         //    vie - studio
 *            \        //    /  |
 *             par - zrh ----   |
 *              |       \       |
 *            kiosk      mil ---'
 *                        |
 *                       gate = 10.30.0.0/16, 2001:db8:30::/48
 */

/** Addresses of the hosts that speak both families. */
export const DESK = { 4: "198.51.100.10", 6: "2001:db8:1::10" } as const;
export const STUDIO = { 4: "203.0.113.10", 6: "2001:db8:2::10" } as const;
export const GATE = { 4: "192.0.2.1", 6: "2001:db8:3::1" } as const;

/** Where a host ends outer headers for it. */
export const DECAPSULATION = {
  desk: "fcbb:bb00:101:ff46::",
  studio: "fcbb:bb00:102:ff46::",
  gate: "fcbb:bb00:103:ff46::",
};

/** Where packets of a host are first seen by a router, and where a host receives. */
export const FROM_DESK = ["lon", { a: "desk", b: "lon" }] as const;
export const AT_STUDIO = ["studio", { a: "studio", b: "vie" }] as const;
export const FROM_STUDIO = ["vie", { a: "studio", b: "vie" }] as const;
export const AT_DESK = ["desk", { a: "desk", b: "lon" }] as const;

export const FAMILIES = [6, 4] as const;

/** An intent from desk to studio unless `spec` (lines of YAML) says otherwise; `application` is a flow mapping. */
export function intent(name: string, application: string, spec: readonly string[] = []): string {
  const given = new Set(spec.map((line) => line.slice(0, line.indexOf(":"))));
  const defaults = ["from: {hosts: [desk]}", "to: {hosts: [studio]}", "objective: {minimize: delay}"];
  const lines = [...defaults.filter((line) => !given.has(line.slice(0, line.indexOf(":")))), ...spec];
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  application: ${application}
${lines.map((line) => `  ${line}`).join("\n")}
`;
}

/** The example's network with intents (name and YAML) installed and their probes returning; nothing is left when it cannot be had. */
export async function dualStack(
  intents: Readonly<Record<string, string>>,
  options: Omit<Partial<RigOptions>, "daemons"> = {},
): Promise<Rig> {
  const rig = await Rig.up({ topology: "dual-stack", undelayed: true, ...options });
  try {
    await rig.apply(Object.values(intents).join("---\n"));
    await rig.live(...Object.keys(intents));
    return rig;
  } catch (thrown) {
    await rig.down();
    throw thrown;
  }
}

/**
 * Makes a host's uplink one that does nothing for the kernel: segments are cut and checksums finished before a packet is on the
 * wire, where captures then see what a network card would send.
 */
export async function withoutOffload(rig: Rig, host: string): Promise<void> {
  for (const { interfaceName } of rig.lab.plan.nodes.get(host)?.ends ?? []) {
    said(await rig.lab.exec(host, ["ethtool", "-K", interfaceName, "tx", "off", "gso", "off"]));
  }
}
