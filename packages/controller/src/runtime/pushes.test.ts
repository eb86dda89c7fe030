import { PushBench } from "../testing/push-bench";

const HOSTS = ["h1", "h2", "h3", "h4"];
const TOPOLOGY = {
  locatorBlock: "fcbb:bb00::/32",
  nodes: [
    { name: "r", nodeId: 1 },
    ...HOSTS.map((name, i) => {
      return { name, kind: "host", nodeId: 0x8000 + i, addresses: [`2001:db8::${i + 1}`], attachedTo: "r" };
    }),
  ],
  links: [],
};

const bench = new PushBench(TOPOLOGY, HOSTS);
const sentTo = () => HOSTS.filter((host) => bench.agent(host).unanswered !== undefined);

test("a pass without time sends to one host, asks for another pass, and nobody is passed over", () => {
  const sent = HOSTS.map(() => {
    bench.run(undefined, 0);
    return sentTo();
  });
  expect(sent.map(({ length }) => length)).toEqual([1, 2, 3, 4]);
  expect(bench.putOff).toBe(HOSTS.length - 1);
  bench.run(undefined, 0);
  expect(bench.putOff).toBe(HOSTS.length - 1);
});

test("with time enough one pass is for all", () => {
  for (const host of HOSTS) bench.answer(host);
  const ends = { from: { hosts: ["h1", "h2", "h3"] }, to: { hosts: ["h4"] } };
  bench.apply("web", { ...ends, objective: { minimize: "igp" }, mode: "insert" }, 1);
  const before = bench.putOff;
  bench.run();
  expect(sentTo()).toEqual(["h1", "h2", "h3"]);
  expect(bench.putOff).toBe(before);
});
