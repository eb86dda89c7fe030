// The diamond of ../rig/diamond.ts without its controller, so that nothing but routers and hosts acts. Both intents want the north and
// refuse the south; a link of the north goes down, and the IGP leads round it.
import { eventually } from "../../support/eventually";
import { exchange } from "../rig/datagrams";
import { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const PORTS = { loose: 5_000, pinned: 5_001 } as const;
type Name = keyof typeof PORTS;

function intent(name: Name, pin: string): string {
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [alice]}
  to: {hosts: [bob]}
  application: {protocol: udp, ports: [${PORTS[name]}]}
  objective: {minimize: igp}
  constraints: {avoid: {nodes: [south]}}
  onNoPath: drop
  pin: ${pin}
`;
}

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond", undelayed: true });
  await rig.apply([intent("loose", "loose"), intent("pinned", "strict")].join("---\n"));
  await rig.live("loose", "pinned");
}, 60_000);
afterAll(() => rig.down());

/** Datagrams of ten that arrive. */
async function arriving(name: Name): Promise<number> {
  const { received } = await exchange(rig, { from: "alice", to: "bob", address: "2001:db8:b::1", port: PORTS[name] });
  return received.length;
}

test("what is left to the IGP follows it onto a way that was refused; a pinned list never does", async () => {
  expect([await arriving("loose"), await arriving("pinned")]).toEqual([10, 10]);
  await rig.lab.killController();
  await rig.lab.linkDown({ a: "west", b: "north" });
  await eventually("the IGP leads through the south", async () => (await arriving("loose")) === 10);
  expect(await arriving("pinned")).toBe(0);
  await rig.lab.linkUp({ a: "west", b: "north" });
  await eventually("the pinned list is alive again", async () => (await arriving("pinned")) === 10);
});
