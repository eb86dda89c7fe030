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
const PACKETS = 40_000;

/** Twenty datagrams a millisecond, and catches up when it was kept waiting. Says how long it took, ms. */
const SENDER = `
  const socket = require("node:dgram").createSocket("udp6");
  const bytes = Buffer.alloc(64);
  let sent = 0, done = 0;
  const started = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(${PACKETS}, Math.floor((performance.now() - started) * 20));
    for (; sent < due; sent++) socket.send(bytes, ${PORT}, "${ADDRESS_B}", (error) => {
      if (error) throw error;
      if (++done < ${PACKETS}) return;
      console.log(Math.round(performance.now() - started));
      socket.close();
    });
    if (sent === ${PACKETS}) clearInterval(timer);
  }, 1);
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
    let elapsedMs = "";
    sender.stdout?.on("data", (chunk: Buffer) => (elapsedMs += chunk.toString()));
    let upgrades = 0;
    await eventually(
      "all are sent",
      () => {
        const second = open(); // Both are there for a while, as in an upgrade that looks before it lets go.
        a.plane.close();
        a.plane = second;
        upgrades += 1;
        return elapsedMs !== "";
      },
      20_000,
    );
    const after = counts();
    expect({
      steered: after.steered - before.steered,
      stripped: after.stripped - before.stripped,
    }).toEqual({ steered: BigInt(PACKETS), stripped: BigInt(PACKETS) });
    expect(upgrades).toBeGreaterThan(3);
  },
);
