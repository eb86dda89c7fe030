/*
 *              a1 --- a2 --- a3          plane a
 *             /                \
 *         left                 right     an uplink into each plane, both families
 *             \                /
 *              b1 --- b2 --- b3          plane b
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { captured } from "../rig/captured";
import { exchange, type Exchange } from "../rig/datagrams";
import { dualStack, FAMILIES, intent } from "../rig/dual-stack";
import { example, type Rig } from "../rig/rig";
import { reasonsOf } from "../rig/reasons";

jest.setTimeout(60_000);

const RIGHT = { 4: "203.0.113.2", 6: "2001:db8:2::1" } as const;
const UPLINKS = { a: ["a1", { a: "left", b: "a1" }], b: ["b1", { a: "left", b: "b1" }] } as const;
const PORTS = { a: 5_000, b: 5_001 } as const;

const directory = mkdtempSync(join(tmpdir(), "planes-"));
const topologyFile = join(directory, "topology.yaml");

let rig: Rig;
beforeAll(async () => {
  const text = readFileSync(example("dual-plane", "topology.yaml"), "utf8");
  const both = text
    .replace('["2001:db8:1::1"]', '["2001:db8:1::1", 198.51.100.1]')
    .replace('["2001:db8:2::1"]', '["2001:db8:2::1", 203.0.113.2]');
  writeFileSync(topologyFile, both);
  const plane = (name: "a" | "b", other: string) =>
    intent(name, `{ports: [${PORTS[name]}]}`, [
      ...["from: {hosts: [left]}", "to: {hosts: [right]}", "mode: encap"],
      `constraints: {avoid: {srlgs: [plane-${other}]}}`,
    ]);
  rig = await dualStack({ a: plane("a", "b"), b: plane("b", "a") }, { topology: topologyFile });
}, 60_000);
afterAll(async () => {
  await rig.down();
  rmSync(directory, { recursive: true });
});

test.each(FAMILIES)(
  "IPv%i: each list has its own uplink and its own neighbour, whichever plain routing would take",
  async (family) => {
    const send = (name: "a" | "b") =>
      exchange(rig, { from: "left", to: "right", address: RIGHT[family], port: PORTS[name] });
    const counted: Record<string, number>[] = [];
    const { result, packets } = await captured(rig, UPLINKS, async () => {
      const results: Exchange[] = [];
      for (const name of ["a", "b"] as const) {
        counted.push(await reasonsOf(rig, "left", async () => results.push(await send(name))));
      }
      return results;
    });
    expect(result.map(({ received }) => received.length)).toEqual([10, 10]);
    for (const name of ["a", "b"] as const) {
      const other = name === "a" ? "b" : "a";
      const ours = packets[name].filter(({ transport }) => transport?.port === PORTS[name]);
      expect(ours).toHaveLength(10);
      expect(packets[other].filter(({ transport }) => transport?.port === PORTS[name])).toEqual([]);
      const end = rig.lab.plan.nodes.get("left")?.ends.find(({ peer }) => peer === UPLINKS[name][0]);
      for (const { hardware, headers } of ours) {
        expect(hardware).toEqual({ source: end?.hardwareAddress, destination: end?.peerHardwareAddress });
        expect(headers[1]?.version).toBe(family);
      }
    }
    // One of the two was on its way out of the other uplink.
    const redirected = counted.map((reasons) => reasons["encapsulated_redirected"] ?? 0);
    expect(redirected.filter((count) => count >= 10)).toHaveLength(1);
  },
);
