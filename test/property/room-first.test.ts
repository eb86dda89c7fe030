import fc from "fast-check";
import { PushBench } from "../../packages/controller/src/testing/push-bench";
import { check } from "./fuzz";
import { type RandomNetwork, randomNetwork } from "./random-network";

const NAMES = ["a", "b", "c", "d", "e", "f"];
const HOSTS = ["h1", "h2"];
const CAPACITY_MBPS = 10;
/** Sums of roundings. */
const ROUNDING = 1e-6;

type Event =
  | { readonly kind: "intent"; readonly name: string; readonly spec: Record<string, unknown> }
  | { readonly kind: "delete"; readonly name: string }
  | { readonly kind: "answers" | "reconnects" | "leaves"; readonly host: string }
  | { readonly kind: "runs" };

const hostName = fc.constantFrom(...HOSTS);
const intent = fc.record({
  kind: fc.constant("intent" as const),
  name: fc.constantFrom(...NAMES),
  spec: fc
    .record({
      from: hostName,
      minimize: fc.constantFrom("delay", "igp", "hops"),
      mbps: fc.constantFrom(2, 4, 6, 9),
      setupPriority: fc.constantFrom(0, 3, 7),
      paths: fc.constantFrom(1, 1, 2),
      backups: fc.constantFrom(0, 0, 1),
      bidirectional: fc.boolean(),
    })
    .map(({ from, minimize, mbps, setupPriority, paths, backups, bidirectional }) => ({
      from: { hosts: [from] },
      to: { hosts: [from === "h1" ? "h2" : "h1"] },
      objective: { minimize },
      reservation: { mbps, setupPriority },
      multipath: { paths },
      protection: { backups },
      bidirectional,
      mode: "insert",
    })),
});
const events = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: intent },
    fc.record({ kind: fc.constant("delete" as const), name: fc.constantFrom(...NAMES) }),
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("answers" as const), host: hostName }) },
    fc.record({ kind: fc.constantFrom("reconnects" as const, "leaves" as const), host: hostName }),
    { weight: 4, arbitrary: fc.constant<Event>({ kind: "runs" }) },
  ),
  { minLength: 4, maxLength: 30 },
);

function topologyOf({ routers, hosts, links }: RandomNetwork): unknown {
  const nodes = [
    ...routers.map((name, i) => ({ name, nodeId: i + 1 })),
    ...hosts.map((name, i) => ({ name, kind: "host", nodeId: 0x8000 + i, addresses: [`2001:db8::${i + 1}`] })),
  ];
  const given = links.map(({ name, a, b, igp, delayUs }) => ({
    name,
    a,
    b,
    igp,
    delayUs,
    capacityMbps: CAPACITY_MBPS,
  }));
  return { locatorBlock: "fcbb:bb00::/32", nodes, links: given };
}

function happen(bench: PushBench, event: Event): void {
  switch (event.kind) {
    case "intent":
      bench.apply(event.name, event.spec, NAMES.indexOf(event.name));
      return;
    case "delete":
      bench.delete(event.name);
      return;
    case "answers":
      bench.answer(event.host);
      return;
    case "reconnects":
      bench.connect(event.host);
      return;
    case "leaves":
      bench.leave(event.host);
      return;
    case "runs":
      bench.run();
  }
}

const scenario = fc.record({ network: randomNetwork(4, 7), all: events });

test("while policies move, no link carries more than it has, and all of them get there", () => {
  check(300, 8, scenario, ({ network, all }) => {
    const bench = new PushBench(topologyOf(network), HOSTS);
    for (const event of all) {
      happen(bench, event);
      const fullest = Math.max(0, ...bench.carriedMbps().values());
      expect(fullest).toBeLessThanOrEqual(CAPACITY_MBPS * (1 + ROUNDING));
    }
    bench.settle();
    expect(bench.isSettled()).toBe(true);
  });
});
