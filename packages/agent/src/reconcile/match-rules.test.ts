import { type DesiredMatch, type DesiredPolicy, type IpPrefix, parseIpPrefix } from "@sextant/model";
import { match, policy } from "../../../../test/support/desired";
import { fullEnvironment } from "../../../../test/support/memory-environment";
import { comparePrefixRules, matchingPolicy, rulesOf } from "./match-rules";
import { resolveMatch } from "./resolve-match";

const prefix = (text: string) => parseIpPrefix(text) as IpPrefix;
const environment = fullEnvironment();
const resolved = (one: DesiredPolicy) => matchingPolicy(one, resolveMatch(environment, one.match));
const port = (first: number, last = first) => ({ first, last });

describe("order of rules", () => {
  const given = (intent: string, fields: Partial<DesiredMatch>, priority = 100) =>
    policy(intent, [], { priority, match: fields });
  const wide = { destinations: [prefix("2001:db8::/32")] };

  test.each<[string, DesiredPolicy[], string[]]>([
    ["priority first", [given("a", { cgroup: "x/y" }, 1), given("b", {}, 2)], ["b", "a"]],
    [
      "then the deeper cgroup",
      [given("a", { executable: "/x", cgroup: "x" }), given("b", { cgroup: "x/y" })],
      ["b", "a"],
    ],
    ["then a program", [given("a", { user: "u" }), given("b", { executable: "/x" })], ["b", "a"]],
    ["then a user", [given("a", { ports: [port(1)] }), given("b", { user: "u" })], ["b", "a"]],
    ["then narrower ports", [given("a", { ports: [port(1, 10)] }), given("b", { ports: [port(1, 9)] })], ["b", "a"]],
    ["any ports are wider than every port", [given("a", {}), given("b", { ports: [port(0, 65_535)] })], ["b", "a"]],
    [
      "then source ports, twice as narrow",
      [given("a", { sourcePorts: [port(0, 3)], protocol: 6 }), given("b", { sourcePorts: [port(0, 1)] })],
      ["b", "a"],
    ],
    ["then a protocol over any", [given("a", { dscp: 1 }), given("b", { protocol: 17 })], ["b", "a"]],
    ["then a DSCP over any", [given("a", { sources: [prefix("::1/128")] }), given("b", { dscp: 0 })], ["b", "a"]],
    [
      "then the longer source",
      [given("a", { sources: [prefix("2001:db8::/32")] }), given("b", { ...wide, sources: [prefix("2001:db8::/33")] })],
      ["b", "a"],
    ],
    ["then the longer destination", [given("a", wide), given("b", {})], ["b", "a"]],
    ["then the name", [given("b", {}), given("a", {})], ["a", "b"]],
  ])("%s", (_, policies, expected) => {
    const order = (some: DesiredPolicy[]) =>
      some
        .flatMap((one) => rulesOf(resolved(one)))
        .sort(comparePrefixRules)
        .map(({ intent }) => intent);
    expect(order(policies)).toEqual(expected);
    expect(order(policies.toReversed())).toEqual(expected);
  });
});

describe("rules of a policy", () => {
  test("are the product of its sources, ports and destinations, each once", () => {
    const fields = match({
      protocol: 17,
      sources: [prefix("2001:db8:b::/64"), prefix("2001:db8:b::/64"), prefix("192.0.2.0/24")],
      sourcePorts: [port(1), port(1)],
      destinations: [prefix("2001:db8:aaaa::/64"), prefix("198.51.100.0/24")],
      ports: [port(443), port(80)],
    });
    const rules = rulesOf(resolved(policy("video", [], { match: fields })));
    expect(rules.map(({ prefix: to, rule }) => `${rule.source ?? ""} > ${to} ${rule.ports?.first ?? ""}`)).toEqual([
      "2001:db8:b::/64 > 2001:db8:aaaa::/64 443",
      "2001:db8:b::/64 > 2001:db8:aaaa::/64 80",
      "192.0.2.0/24 > 198.51.100.0/24 443",
      "192.0.2.0/24 > 198.51.100.0/24 80",
    ]);
    expect(rules[0]?.rule).toMatchObject({ protocol: 17, sourcePorts: port(1), cgroup: undefined, uid: undefined });
  });

  test.each<[string, Partial<DesiredMatch>]>([
    ["one of everything", { ports: [port(1)] }],
    [
      "both families",
      { destinations: [prefix("::/0"), prefix("0.0.0.0/0")], sources: [prefix("::/0"), prefix("::1/128")] },
    ],
    ["the same twice", { sources: [prefix("::/0"), prefix("::/0")], ports: [port(1), port(1), port(2)] }],
    ["a name as well", { dnsNames: ["cdn.example"] }],
    ["a family without a source", { destinations: [prefix("0.0.0.0/0")], sources: [prefix("::/0")] }],
  ])("are counted without being made: %s", (_, fields) => {
    const matching = resolved(policy("video", [], { match: fields }));
    expect(matching.ruleCount).toBe(rulesOf(matching).length);
  });

  test("carry what was found of the application", () => {
    const fields = { cgroup: "apps/video", user: "video", executable: "/usr/bin/ffmpeg", dnsNames: ["cdn.example"] };
    const rules = rulesOf(resolved(policy("video", [], { match: fields })));
    expect(rules.map(({ prefix: to }) => to)).toEqual(["2001:db8:aaaa::/64", "2001:db8:d::1/128"]);
    expect(rules[0]?.rule).toMatchObject({
      cgroup: { level: 2 },
      uid: 1_000,
      executable: { device: 8, inode: 9n },
    });
  });
});
