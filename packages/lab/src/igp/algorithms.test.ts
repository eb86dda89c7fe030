import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Topology } from "@sextant/model";
import { topologyFromText } from "../load-topology";
import { linkEndRoutes, nodeLines } from "../network/node-lines";
import { planLab } from "../plan";
import { computeNextHops } from "./next-hops";
import { routesOfLab } from "./supervisor";

// west to east by north (blue), middle or south, which takes no part in `blue`; by delay the south is nearest.
const TEXT = readFileSync(join(__dirname, "../../../../test/e2e/rig/planes.yaml"), "utf8");
const topology = topologyFromText("planes.yaml", TEXT);
const plan = planLab("test", topology);
const up = () => true;

function hops(by: string, from: string, to: string, isUp: (link: string) => boolean = up, on: Topology = topology) {
  const algorithm = on.algorithms.find(({ name }) => name === by);
  return (computeNextHops(on, isUp, algorithm).get(from)?.get(to) ?? []).map(({ link }) => link);
}

test.each([
  ["plain", "west", "east", ["west-north"]],
  ["fast", "west", "east", ["west-south"]],
  ["fast", "desk", "east", ["desk-south"]],
  ["blue", "desk", "east", ["desk-west"]],
  ["blue", "south", "east", []],
])("%s, from %s to %s", (by, from, to, expected) => {
  expect(hops(by, from, to)).toEqual(expected);
});

test("each algorithm goes round what is down by itself", () => {
  const isUp = (link: string) => link !== "south-east" && link !== "north-east";
  expect(hops("fast", "west", "east", isUp)).toEqual(["west-middle"]);
  expect(hops("blue", "west", "east", isUp)).toEqual([]);
});

test("another definition uses other links", () => {
  const without = topologyFromText("t", TEXT.replace("metric: delay}", "metric: delay, exclude: [leased]}"));
  expect(hops("fast", "west", "east", up, without)).toEqual(["west-middle"]);
});

test("locators of an algorithm are routed by it, and lead to routers that take part only", () => {
  const routes = routesOfLab(plan, up, topology.algorithms).get("west");
  const flexible = [...(routes ?? [])].filter(([prefix]) => /^fcbb:(cc|dd)/.test(prefix));
  const devices = flexible.map(([prefix, route]) => [prefix, route.split(" dev ").at(-1)]);
  expect(Object.fromEntries(devices)).toEqual({
    "fcbb:cc00:2::/48": "to-north",
    "fcbb:cc00:3::/48": "to-middle",
    "fcbb:cc00:4::/48": "to-south",
    "fcbb:cc00:5::/48": "to-south",
    "fcbb:dd00:2::/48": "to-north",
    "fcbb:dd00:5::/48": "to-north",
  });
});

test.each([
  ["north", ["fcbb:bb00:2", "fcbb:cc00:2", "fcbb:dd00:2"]],
  ["south", ["fcbb:bb00:4", "fcbb:cc00:4"]],
  ["desk", ["fcbb:bb00:101"]],
])("%s has SIDs where it takes part; hosts have plain ones", (name, locators) => {
  const node = plan.nodes.get(name);
  if (node === undefined) throw new Error("no such node");
  const lines = nodeLines(plan, node).filter((line) => line.includes(" action End "));
  expect(lines.map((line) => line.split(" ")[2])).toEqual(locators.map((locator) => `${locator}::/48`));
  const adjacencies = node.ends.flatMap(linkEndRoutes).filter((line) => line.includes(" action End.X "));
  const blocks = new Set(adjacencies.map((line) => line.split(" ")[2]?.split(":").slice(0, 3).join(":")));
  expect([...blocks]).toEqual(locators);
});
