// Agents are replaced while traffic flows, IPv4 in outer headers and IPv6 with inserted ones. The network of ../rig/dual-stack.ts.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { dualStack, intent, STUDIO } from "../rig/dual-stack";
import { type Rig, said, command } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(60_000);

const FLOWS = [
  { name: "outer", address: STUDIO[4], port: 9_004, mode: "encap" },
  { name: "inserted", address: STUDIO[6], port: 9_006, mode: "insert" },
] as const;

let rig: Rig;
beforeAll(async () => {
  const intents = FLOWS.map(({ name, port, mode }) => [
    name,
    intent(name, `{protocol: udp, ports: [${port}]}`, [`mode: ${mode}`, "constraints: {via: [{node: zrh}]}"]),
  ]);
  rig = await dualStack(Object.fromEntries(intents) as Record<string, string>);
}, 60_000);
afterAll(() => rig.down());

/** Ids of the programs that the pinned links of a host run. */
async function programs(host: string): Promise<string> {
  const links = join(rig.pins(host), "links");
  const ids = readdirSync(links)
    .sort()
    .map(async (name) => {
      const link = JSON.parse(said(await command(["bpftool", "-j", "link", "show", "pinned", join(links, name)]))) as {
        prog_id?: number;
      };
      return `${name} ${link.prog_id ?? ""}`;
    });
  return (await Promise.all(ids)).join(", ");
}

test("new programs take the place of old ones under load: no packet is lost, every one was steered", async () => {
  const streams = await Promise.all(
    FLOWS.map(({ address, port }) => Stream.start(rig, { from: "desk", to: "studio", address, port })),
  );
  const before = await Promise.all(["desk", "studio"].map(programs));
  for (const host of ["desk", "studio"]) {
    await rig.lab.killAgent(host);
    await rig.lab.startAgent(host);
    await rig.lab.stopAgent(host);
    await rig.lab.startAgent(host);
  }
  await rig.live(...FLOWS.map(({ name }) => name));
  const after = await Promise.all(["desk", "studio"].map(programs));
  after.forEach((ids, i) => expect(ids).not.toBe(before[i]));
  const results = await Promise.all(streams.map((stream) => stream.end()));
  for (const { lost, received } of results) {
    expect(received).toBeGreaterThan(1_000);
    expect(lost).toBe(0);
  }
});
