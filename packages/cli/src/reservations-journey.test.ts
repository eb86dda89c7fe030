// Bandwidth as an operator sees it, against a real controller on a unix socket, without agents.
import { EXIT } from "./exit-code";
import { controllerAtHand } from "./testing/controller-at-hand";

/*
 *          b   quick, 10 Mbit/s
 *        /   \
 *  h1 - a --- c --- d - h2   slow, 8 Mbit/s
 */
const TOPOLOGY = `
apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: small}
spec:
  locatorBlock: fcbb:bb00::/32
  nodes:
    - {name: a, nodeId: 1}
    - {name: b, nodeId: 2}
    - {name: c, nodeId: 3}
    - {name: d, nodeId: 4}
    - {name: h1, kind: host, attachedTo: a, addresses: ["2001:db8:a::1"]}
    - {name: h2, kind: host, attachedTo: d, addresses: ["2001:db8:b::1"]}
  links:
    - {a: a, b: b, igp: 1, delayUs: 1000, capacityMbps: 10}
    - {a: b, b: d, igp: 1, delayUs: 1000, capacityMbps: 10}
    - {a: a, b: c, igp: 2, delayUs: 2000, capacityMbps: 8}
    - {a: c, b: d, igp: 2, delayUs: 2000, capacityMbps: 8}
`;

const intent = (name: string, port: number, reservation: string) => `
apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [h1]}
  to: {hosts: [h2]}
  application: {ports: [${port}]}
  objective: {minimize: delay}
  reservation: ${reservation}
`;
const DEMANDS = `
apiVersion: sextant.dev/v1
kind: Demands
metadata: {name: more}
spec: {demands: [{name: bulk, from: a, to: d, mbps: 3}]}
`;

const { sextant, json, file } = controllerAtHand();
beforeAll(async () => {
  const documents = [TOPOLOGY, intent("zulu", 80, "{mbps: 6}"), intent("alpha", 81, "{mbps: 5}")];
  for (const [i, text] of documents.entries()) await sextant("apply", "-f", file(`${i}.yaml`, text));
});

test("who came first has the better way, and links tell what is left", async () => {
  const { stdout } = await sextant("get", "intents");
  expect(stdout).toMatch(/alpha .* h1 > a > c > d > h2 /);
  expect(stdout).toMatch(/zulu .* h1 > a > b > d > h2 /);
  const links = (await sextant("get", "links")).stdout;
  expect(links).toMatch(/a-b .* 10 Mbit\/s +6 Mbit\/s\/0 Mbit\/s +4 Mbit\/s\/- /);
});

test("explain and describe say what stood in the way, as it was when the intent was placed", async () => {
  expect((await sextant("explain", "alpha")).stdout).toContain("reservation: without it h1 a b d h2, 2 ms");
  expect((await sextant("explain", "zulu")).stdout).not.toContain("reservation: without it");
  const story = (await sextant("describe", "intent", "alpha")).stdout;
  expect(story).toContain("5 Mbit/s is reserved for each pair, set up with priority 7 and held with 7.");
  expect(story).toContain("because of reservation: without it h1 > a > b > d > h2");
});

test("what would be with another intent, and with other traffic", async () => {
  const add = file("more.yaml", intent("mike", 82, "{mbps: 6, setupPriority: 0}"));
  const { stdout, code } = await sextant("simulate", "--add", add);
  // Alpha is its equal: it gives way to nobody but mike, who does not need its way.
  expect(stdout).toMatch(/zulu +h1 +h2 +breaks +h1 a b d h2 \(2 ms\) +no path: Reservation/);
  expect(stdout).not.toContain("alpha");
  expect(code).toBe(EXIT.notSatisfied);
  const demands = file("demands.yaml", DEMANDS);
  const come = await json("simulate", "--add-demands", demands);
  expect(come).toMatchObject({ changed: { mlu: { beforePercent: 62.5, afterPercent: 90 } } });
  const go = await json("simulate", "--demands", demands, "--remove-demand", "bulk");
  expect(go).toMatchObject({ changed: { name: "remove demand bulk", mlu: { beforePercent: 90, afterPercent: 62.5 } } });
  expect((await sextant("simulate", "--remove-demand", "bulk")).stderr).toContain('there is no demand "bulk"');
});

test("a placement of what is reserved goes on from the lists that carry it", async () => {
  // Zulu's 6 Mbit/s go over b, alpha's 5 over c.
  const still = await json("place", "--max-moves", "0");
  expect(still).toMatchObject({ instance: "controller", ecmpMlu: 1.1, startMlu: 0.625, mlu: 0.625, moved: [] });
  expect(still["lists"]).toMatchObject([
    { demand: "alpha: h1 to h2", lists: [{ weight: 1, links: ["h1-a:h1>a", "a-c:a>c", "c-d:c>d", "h2-d:d>h2"] }] },
    { demand: "zulu: h1 to h2", lists: [{ weight: 1, links: ["h1-a:h1>a", "a-b:a>b", "b-d:b>d", "h2-d:d>h2"] }] },
  ]);
  const again = file("placed.json", JSON.stringify(still));
  expect(await json("place", "--from", again, "--max-moves", "0")).toMatchObject({ startMlu: 0.625, moved: [] });
  const placed = await json("place", "--max-moves", "1");
  expect(placed).toMatchObject({ startMlu: 0.625, unroutable: [] });
  expect(placed["moved"]).toHaveLength(1);
  expect(placed["mlu"]).toBeCloseTo(11 / 18, 3);
  expect((await sextant("place", "-t", file("alone.yaml", TOPOLOGY))).stderr).toContain("give --demands too");
});
