import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostPrefix, ipv6 } from "@sextant/model";
import type { HookKind } from "../../packages/agent/src/bpf/hook";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { eventually } from "../support/eventually";
import { ADDRESS_B, LiveNetwork, SID_R, within } from "./live-network";
import { destinationOf, listOf, policyOf, ruleOf } from "./map-samples";
import { OBJECTS } from "./packet-path-fixture";

const PORT = 7100;
const UPGRADES = 6;

/** Twenty datagrams a millisecond, made up for when it was kept waiting, until a line comes in. Says how many were sent. */
const SENDER = `
  const socket = require("node:dgram").createSocket("udp6");
  const bytes = Buffer.alloc(64);
  let sent = 0, done = 0, ended = false;
  const started = performance.now();
  const timer = setInterval(() => {
    for (const due = (performance.now() - started) * 20; sent < due; sent++) socket.send(bytes, ${PORT}, "${ADDRESS_B}", (error) => {
      if (error) throw error;
      if (++done === sent && ended) { console.log(sent); process.exit(); }
    });
    if (ended) clearInterval(timer);
  }, 1);
  process.stdin.once("data", () => (ended = true));
`;

jest.setTimeout(30_000);

let network: LiveNetwork;
let newer: string;

beforeAll(() => {
  network = LiveNetwork.up();
  newer = mkdtempSync(join(tmpdir(), "sxt-objects-"));
  cpSync(OBJECTS, newer, { recursive: true });
});

afterAll(() => {
  network.down();
  rmSync(newer, { recursive: true });
});

test.each<HookKind>(["tcx", "clsact"])(
  "programs of a new version replace those of the old under 20,000 packets a second on %s: none lost, counters go on",
  async (hook) => {
    const { a, b } = network;
    const open = () =>
      within(a.namespace, () => KernelDataPlane.open({ instance: a.instance, objectDirectory: newer, hook }));
    a.plane.close();
    a.plane = open();
    const nextHop = { ifindex: a.ifindexes[0] ?? 0, gateway: ipv6("2001:db8:a::ff") };
    a.plane.putList(1n, { ...listOf(1, [SID_R]), nextHop });
    a.plane.putPolicy(1n, policyOf(1n));
    a.plane.putDestination(hostPrefix(ADDRESS_B), destinationOf(ruleOf(1n)));
    const counts = () => ({
      steered: a.plane.policyCounters().get(1n)?.[0]?.packets ?? 0n,
      stripped: b.plane.reasons().get("srh_stripped") ?? 0n,
    });
    const before = counts();
    const sender = network.namespaces.spawn(a.namespace, [process.execPath, "-e", SENDER]);
    let sent = "";
    sender.stdout?.on("data", (chunk: Buffer) => (sent += chunk.toString()));
    for (let upgrade = 0; upgrade < UPGRADES; upgrade++) {
      const { steered } = counts();
      await eventually("traffic flows", () => counts().steered > steered);
      // An upgrade may look before it lets go of the old programs, or come after the old agent has gone.
      if (upgrade % 2 === 0) a.plane.close();
      const next = open();
      a.plane.close();
      a.plane = next;
    }
    sender.stdin?.write("enough\n");
    await eventually("the sender has ended", () => sent !== "");
    const after = counts();
    expect(Number(sent)).toBeGreaterThan(1_000);
    expect({ steered: after.steered - before.steered, stripped: after.stripped - before.stripped }).toEqual({
      steered: BigInt(Number(sent)),
      stripped: BigInt(Number(sent)),
    });
  },
);
