// The host of ../agent_support/agent-host.ts with two lists, both alive all the time and probed every 2 s: what the host does at once
// is what the controller has said of links, not what probes have found.
import { directedLinkKey } from "@sextant/model";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import type { AgentStream } from "../../../packages/agent/src/testing/scripted-controller";
import { capture } from "../../bpf/tcpdump";
import { policy, probing } from "../../support/desired";
import { eventually } from "../../support/eventually";
import { UdpReceiver, UdpSender } from "../../support/udp-endpoints";
import { AgentHost, FAR_ADDRESS, FAR_PREFIX } from "../agent_support/agent-host";
import { listsOf, packetsTo } from "../rig/captured-packet";

jest.setTimeout(60_000);

const PORT = 15_100;
const INTERVAL_MS = 2_000;
const MOMENT_PACKETS = 50;
const OUT_OF_HOST = "ip6 and src host 2001:db8:a::1";
/** As captures show the lists. */
const FIRST = "fcbb:bb00:2::";
const SECOND = "fcbb:bb00:3::";
const OVER_FIRST = directedLinkKey("first", "router");
const OVER_SECOND = directedLinkKey("second", "router");
const BACK_OVER_FIRST = directedLinkKey("first", "far");

let world: AgentHost;
let stream: AgentStream;
let version = 0n;
beforeAll(async () => {
  world = await AgentHost.create();
  await world.start();
  stream = await world.controller.stream();
  await welcome();
  const [first, second] = [world.list("2"), world.list("3")];
  const calls = policy("calls", [first, second], {
    endpoint: "far",
    match: { protocol: 17, ports: [{ first: PORT, last: PORT + 1 }], destinations: [FAR_PREFIX] },
  });
  const intervalUs = INTERVAL_MS * 1_000;
  const rates = {
    ...probing([]),
    lists: [
      ...probing([first], { intervalUs, links: [OVER_FIRST] }).lists,
      ...probing([second], { intervalUs, links: [OVER_SECOND] }).lists,
    ],
  };
  const entries = [world.domain(), first, second, rates, calls];
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts: entries.map(entryToWire) } });
  await stream.message("ack");
  await eventually("both lists are alive", isEachAlive);
});
afterAll(() => world.remove());
afterEach(() => tell());

async function welcome(): Promise<void> {
  const { features } = await stream.message("hello");
  expect(features).toContain("probing");
  stream.welcome(1n);
}

/** These are broken, and nothing else. */
function tell(...down: readonly bigint[]): void {
  stream.send({ case: "linkState", value: { version: ++version, down: [...down] } });
}

function isEachAlive(): boolean {
  return world.status().lists.every(({ state }) => state === "alive");
}

/** Numbered datagrams of the application to a port of its own, each test's. */
class Calls {
  private constructor(
    private readonly port: number,
    private readonly receiver: UdpReceiver,
    private readonly sender: UdpSender,
  ) {}

  static async start(port: number): Promise<Calls> {
    const { namespaces, host, far, cgroup } = world;
    const receiver = await UdpReceiver.start(namespaces, far, port);
    const sender = await UdpSender.start(namespaces, { namespace: host, cgroup, address: FAR_ADDRESS, port });
    return new Calls(port, receiver, sender);
  }

  /** Lists that packets carry in a moment of traffic. */
  async lists(): Promise<string[]> {
    const { text, stop } = await capture(world.namespaces, world.router, "dn0", OUT_OF_HOST);
    const packets = () => packetsTo(this.port, text().split("\n"));
    await eventually("packets of a moment", () => packets().length >= MOMENT_PACKETS);
    stop();
    return listsOf(packets());
  }

  /** How long it takes until a packet carries a list, from what is done on, in ms. */
  async untilOn(list: string, work: () => void): Promise<number> {
    const { text, stop } = await capture(world.namespaces, world.router, "dn0", OUT_OF_HOST);
    const startMs = performance.now();
    work();
    const isOn = () => listsOf(packetsTo(this.port, text().split("\n"))).includes(list);
    await eventually(`a packet carries ${list}`, isOn);
    stop();
    return performance.now() - startMs;
  }

  /** Ends them; throws when one of them has not arrived. */
  async allArrive(): Promise<void> {
    const sent = await this.sender.stop();
    await eventually("all arrive", async () => (await this.receiver.received()) === sent);
  }
}

test("a broken link takes packets off a list that is alive, before a probe could, and gives it back; none is lost", async () => {
  const calls = await Calls.start(PORT);
  expect(await calls.lists()).toEqual([FIRST]);

  expect(await calls.untilOn(SECOND, () => tell(OVER_FIRST))).toBeLessThan(INTERVAL_MS / 2);
  expect(await calls.lists()).toEqual([SECOND]);
  const { lists } = world.status();
  expect(lists.find(({ list }) => list === world.list("2").key)).toMatchObject({
    state: "alive",
    withheld: "link_down",
  });

  expect(await calls.untilOn(FIRST, () => tell())).toBeLessThan(INTERVAL_MS / 2);
  expect(await calls.lists()).toEqual([FIRST]);

  // The other direction is not on its way out, and the last way is never denied.
  tell(BACK_OVER_FIRST);
  expect(await calls.lists()).toEqual([FIRST]);
  tell(OVER_FIRST, OVER_SECOND);
  await eventually("both are withheld", () => world.status().lists.every(({ withheld }) => withheld === "link_down"));
  expect(await calls.lists()).toEqual([FIRST]);
  expect(isEachAlive()).toBe(true);
  await calls.allArrive();
});

test("without its controller a host remembers; the next session's link state replaces what it knew", async () => {
  const calls = await Calls.start(PORT + 1);
  expect(await calls.untilOn(SECOND, () => tell(OVER_FIRST))).toBeLessThan(INTERVAL_MS / 2);
  world.controller.kill();
  expect(await calls.lists()).toEqual([SECOND]);

  await world.controller.listen();
  stream = await world.controller.stream(1);
  await welcome();
  // It has said nothing of links yet.
  expect(await calls.lists()).toEqual([SECOND]);
  version = 0n;
  expect(await calls.untilOn(FIRST, () => tell())).toBeLessThan(INTERVAL_MS / 2);
  await calls.allArrive();
});
