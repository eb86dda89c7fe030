import { PushBench } from "../testing/push-bench";

const HOSTS = ["h1", "h2", "h3", "h4"];

/*
 *  h1         s   1 ms        10 Mbit/s each
 *     \     /   \
 *  h2 - w -- n -- e - h4      2 ms
 *     /     \   /
 *  h3         z   3 ms
 */
const TOPOLOGY = {
  locatorBlock: "fcbb:bb00::/32",
  nodes: [
    ...["w", "n", "s", "z", "e"].map((name, i) => ({ name, nodeId: i + 1 })),
    ...HOSTS.map((name, i) => ({
      ...{ name, kind: "host", nodeId: 0x8000 + i, addresses: [`2001:db8::${i + 1}`] },
      attachedTo: name === "h4" ? "e" : "w",
    })),
  ],
  links: ["s", "n", "z"].flatMap((via, i) => [
    { a: "w", b: via, delayUs: 1_000 * (i + 1), capacityMbps: 10 },
    { a: via, b: "e", delayUs: 1_000 * (i + 1), capacityMbps: 10 },
  ]),
};

let bench: PushBench;
beforeEach(() => {
  bench = new PushBench(TOPOLOGY, HOSTS);
});

function reserve(name: string, from: string, mbps: number, setupPriority: number): void {
  const order = name.charCodeAt(0);
  const reservation = { mbps, setupPriority };
  const spec = { from: { hosts: [from] }, to: { hosts: ["h4"] }, objective: { minimize: "delay" }, mode: "insert" };
  bench.apply(name, { ...spec, reservation }, order);
}

/** Names of the intents whose policies, as they are to be, are there. */
function there(): string[] {
  return ["a", "b", "c"].filter((name) => {
    const [policy] = bench.plans.of(name)?.policies ?? [];
    if (policy === undefined) return false;
    const { revision, entry } = policy.entries.policy;
    return bench.agent(policy.computed.host).holds.get(entry.key)?.revision === revision;
  });
}

function answerAll(): void {
  for (const host of HOSTS) bench.answer(host);
}

/** H1's a has the way over s. */
function begin(): void {
  reserve("a", "h1", 6, 7);
  bench.settle();
}

test("two that fit alone, and not together, do not both go ahead of who makes room", () => {
  begin();
  // Four are left where a was; b and c take ten.
  reserve("b", "h2", 4, 3);
  reserve("c", "h2", 4, 3);
  bench.run();
  expect(there()).toEqual(["a", "b"]);
  answerAll();
  bench.run();
  expect(there()).toEqual(["a", "b", "c"]);
});

test("who is on a broken link waits for nobody", () => {
  begin();
  reserve("b", "h2", 6, 3);
  bench.settle();
  // B has the way over s, and a the one over n, which it has to leave to b.
  bench.run([{ link: "w-s", from: "w" }]);
  expect(there()).toEqual(["a", "b"]);
});

test("two that would have to change places do so after 2 s", () => {
  begin();
  reserve("b", "h2", 6, 7);
  bench.settle();
  reserve("a", "h1", 6, 7);
  reserve("b", "h2", 6, 3);
  bench.run();
  answerAll();
  bench.run();
  // Each has the list already, and waits for the other's way.
  expect(there()).toEqual([]);
  bench.nowMs += 2_000;
  bench.wake();
  expect(there()).toEqual(["a", "b"]);
});

test("who waits goes on waiting as long as one after the other leaves", () => {
  reserve("a", "h1", 4, 7);
  reserve("b", "h3", 4, 7);
  bench.settle();
  reserve("c", "h2", 10, 0);
  bench.run();
  for (const host of ["h2", "h1"]) {
    bench.answer(host);
    bench.nowMs += 1_500;
    bench.wake();
    expect(there()).toEqual(["a", "b"]);
  }
  bench.answer("h3");
  bench.run();
  expect(there()).toEqual(["a", "b", "c"]);
});

test("a host that is away still has what it had", () => {
  begin();
  bench.leave("h1");
  reserve("b", "h2", 6, 0);
  bench.run();
  answerAll();
  expect(there()).toEqual([]);
  bench.connect("h1");
  bench.run();
  expect(there()).toEqual(["a"]);
  answerAll();
  bench.run();
  expect(there()).toEqual(["a", "b"]);
});
