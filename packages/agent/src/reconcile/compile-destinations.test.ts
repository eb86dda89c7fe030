import { type DesiredPolicy, ipv6Prefix, kernelKeyOf } from "@sextant/model";
import { policy } from "../../../../test/support/desired";
import { compileDestinations, type MatchingPolicy } from "./compile-destinations";

const to = (...prefixes: string[]) => ({ destinations: prefixes.map(ipv6Prefix) });
const anywhere = (...policies: DesiredPolicy[]): MatchingPolicy[] =>
  policies.map((each) => ({ policy: each, cgroup: undefined }));

/** Intents of the rows of one prefix, in order. */
function order(policies: readonly MatchingPolicy[], prefix: string): string[] {
  const names = new Map(policies.map(({ policy: { key, intent } }) => [kernelKeyOf(key), intent]));
  const { destinations } = compileDestinations(policies, 64);
  return (destinations.get(ipv6Prefix(prefix)) ?? []).map((row) => names.get(row.policy) ?? "?");
}

describe("order of rows", () => {
  const wide = "2001:db8::/32";
  test.each<[string, DesiredPolicy[], string[]]>([
    ["priority first", [policy("a", [], { priority: 1 }), policy("b", [], { priority: 2 })], ["b", "a"]],
    [
      "then the deeper cgroup",
      [policy("a", [], { match: { cgroup: "x" } }), policy("b", [], { match: { cgroup: "x/y" } }), policy("c", [])],
      ["b", "a", "c"],
    ],
    [
      "then narrower ports",
      [
        policy("a", []),
        policy("b", [], { match: { ports: [{ first: 1, last: 9 }] } }),
        policy("c", [], { match: { ports: [{ first: 5, last: 5 }] } }),
      ],
      ["c", "b", "a"],
    ],
    ["then a protocol over any", [policy("a", []), policy("b", [], { match: { protocol: 17 } })], ["b", "a"]],
    ["then the name", [policy("b", []), policy("a", [])], ["a", "b"]],
    [
      "cgroup counts more than ports, ports more than protocol",
      [
        policy("a", [], { match: { protocol: 17 } }),
        policy("b", [], { match: { ports: [{ first: 1, last: 1 }] } }),
        policy("c", [], { match: { cgroup: "x" } }),
      ],
      ["c", "b", "a"],
    ],
  ])("%s", (_, policies, expected) => {
    expect(order(anywhere(...policies), "2001:db8:aaaa::/64")).toEqual(expected);
    expect(order(anywhere(...policies.toReversed()), "2001:db8:aaaa::/64")).toEqual(expected);
  });

  test("a prefix has the rows of those that cover it, behind its own; others do not", () => {
    const policies = anywhere(
      policy("wide", [], { match: to(wide) }),
      policy("narrow", [], { match: to("2001:db8:1::/48") }),
      policy("host", [], { match: to("2001:db8:1::5/128") }),
      policy("other", [], { match: to("2001:db8:2::/48") }),
      policy("default", [], { match: to("::/0") }),
    );
    expect(order(policies, "2001:db8:1::5/128")).toEqual(["host", "narrow", "wide", "default"]);
    expect(order(policies, "2001:db8:1::/48")).toEqual(["narrow", "wide", "default"]);
    expect(order(policies, "2001:db8:2::/48")).toEqual(["other", "wide", "default"]);
    expect(order(policies, wide)).toEqual(["wide", "default"]);
    expect(order(policies, "::/0")).toEqual(["default"]);
  });

  test("a covering policy of higher priority comes first", () => {
    const policies = anywhere(
      policy("wide", [], { priority: 200, match: to(wide) }),
      policy("narrow", [], { match: to("2001:db8:1::/48") }),
    );
    expect(order(policies, "2001:db8:1::/48")).toEqual(["wide", "narrow"]);
  });

  test("a policy that names a prefix twice, directly and covered, has one row there", () => {
    expect(order(anywhere(policy("a", [], { match: to(wide, wide, "2001:db8:1::/48") })), "2001:db8:1::/48")).toEqual([
      "a",
    ]);
  });
});

describe("rows", () => {
  test("carry cgroup, protocol and one row per port range", () => {
    const cgroup = { id: 7n, level: 2 };
    const ports = [
      { first: 10, last: 20 },
      { first: 5, last: 5 },
    ];
    const video = policy("video", [], { match: { protocol: 17, ports } });
    const { destinations } = compileDestinations([{ policy: video, cgroup }], 64);
    const key = kernelKeyOf(video.key);
    expect([...destinations.values()]).toEqual([
      [
        { policy: key, cgroup, protocol: 17, ports: { first: 5, last: 5 } },
        { policy: key, cgroup, protocol: 17, ports: { first: 10, last: 20 } },
      ],
    ]);
  });
});

describe("more rows than fit", () => {
  const keys = (...intents: string[]) => new Set(intents.map((intent) => policy(intent, []).key));
  const ranges = (count: number) => Array.from({ length: count }, (_, i) => ({ first: i * 10, last: i * 10 }));

  test("the policies of lowest precedence overflow, each as a whole", () => {
    const policies = anywhere(
      policy("a", [], { priority: 3, match: { ports: ranges(2) } }),
      policy("b", [], { priority: 2, match: { ports: ranges(3) } }),
      policy("c", [], { priority: 1 }),
    );
    const { destinations, overflowing } = compileDestinations(policies, 4);
    expect(overflowing).toEqual(keys("b"));
    expect([...destinations.values()].map((rows) => rows.length)).toEqual([3]);
  });

  test("rows of covering prefixes count", () => {
    const policies = anywhere(
      policy("host", [], { match: to("2001:db8:1::5/128") }),
      policy("wide", [], { match: to("2001:db8::/32") }),
      policy("wider", [], { match: to("2001:d00::/24") }),
    );
    expect(compileDestinations(policies, 2).overflowing).toEqual(keys("wider"));
  });
});
