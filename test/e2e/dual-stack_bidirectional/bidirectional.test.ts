// West and east joined over a north that is fast eastwards and a south that is fast westwards: each host's own policy knows.
import { join } from "node:path";
import { counterDifference } from "@sextant/lab";
import { captured } from "../rig/captured";
import { dualStack, FAMILIES, intent, STUDIO } from "../rig/dual-stack";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const TOPOLOGY = join(__dirname, "one-way-streets.yaml");
const PORT = 4_000;
const AT_NORTH = ["north", { a: "west", b: "north" }] as const;
const AT_SOUTH = ["south", { a: "south", b: "east" }] as const;

let rig: Rig;
beforeAll(async () => {
  const calls = intent("calls", `{protocol: tcp, ports: [${PORT}]}`, ["bidirectional: true", "mode: encap"]);
  rig = await dualStack({ calls }, { topology: TOPOLOGY });
}, 60_000);
afterAll(() => rig.down());

test("each end has a policy of its own, over the way that is fast for it", async () => {
  const { policies } = await rig.intent("calls");
  const ways = policies.map(({ host, direction, candidates }) => [host, direction, candidates[0]?.nodes.join(" ")]);
  expect(ways.sort()).toEqual([
    ["desk", "forward", "desk west north east studio"],
    ["studio", "return", "studio east south west desk"],
  ]);
});

test.each(FAMILIES)(
  "IPv%i: requests go by the north, answers by the south, both with their own lists",
  async (family) => {
    const before = await rig.lab.linkCounters();
    const { result, packets } = await captured(
      rig,
      { north: AT_NORTH, south: AT_SOUTH },
      async () => {
        const address = STUDIO[family];
        const tcp = await rig.lab.startTcp({
          from: "desk",
          to: "studio",
          address,
          port: PORT,
          mode: "echo",
          seconds: 0.5,
        });
        return tcp.result;
      },
      "ip6 proto 43 or ip6 proto 4 or ip6 proto 41",
    );
    const counted = counterDifference(before, await rig.lab.linkCounters());
    expect(result.requests).toBeGreaterThan(10);
    const requests = packets.north.filter(({ transport }) => transport?.protocol === "tcp");
    const answers = packets.south.filter(({ transport }) => transport?.protocol === "tcp");
    expect(requests.length).toBeGreaterThan(result.requests);
    expect(answers.length).toBeGreaterThan(result.requests);
    expect(new Set(requests.map(({ transport }) => transport?.port))).toEqual(new Set([PORT]));
    expect(new Set(answers.map(({ transport }) => transport?.sourcePort))).toEqual(new Set([PORT]));
    for (const { headers } of [...requests, ...answers]) expect(headers[1]?.version).toBe(family);
    // The kernel counted the same on the links.
    expect(counted.get("west-north")?.b.rxPackets).toBeGreaterThanOrEqual(requests.length);
    expect(counted.get("south-east")?.a.rxPackets).toBeGreaterThanOrEqual(answers.length);
  },
);
