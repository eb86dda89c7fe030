import { encapList, list, sid } from "../../../../test/support/desired";
import { parseRows } from "./ip-command";
import { headerBytesAtMost, mtuShortfall } from "./host-network";
import { NextHops, routesFromRows } from "./next-hops";
import { blocksOf, uplinkNames } from "./uplinks";

test("the block of a SID is its first 32 bits", () => {
  const sids = ["2001:db8:1:e000::", "2001:db8:2::", "2001:db9:1::"].map(sid);
  expect(blocksOf(sids)).toEqual(["2001:db8::/32", "2001:db9::/32"]);
});

describe("uplinks", () => {
  test.each([
    [
      "routes inside the block",
      [{ dst: "2001:db8:1::/48", dev: "up1" }],
      [{ dst: "default", dev: "mgmt" }],
      ["mgmt", "up1"],
    ],
    [
      "the longest covering route wins",
      [],
      [
        { dst: "default", dev: "mgmt" },
        { dst: "2001:db8::/32", dev: "up0" },
      ],
      ["up0"],
    ],
    ["several next hops", [], [{ dst: "2001:db8::/32", nexthops: [{ dev: "up0" }, { dev: "up1" }] }], ["up0", "up1"]],
    ["local and dead routes do not count", [{ dst: "2001:db8::/32", type: "blackhole", dev: "lo" }], [], []],
    [
      "the host's own SID on lo does not count",
      [{ dst: "2001:db8:9::", dev: "lo" }],
      [{ dst: "2001:db8::/32", dev: "up0" }],
      ["up0"],
    ],
    ["no route at all", [], [], []],
  ])("%s", (_, inside, covering, expected) => {
    expect(uplinkNames(inside, covering)).toEqual(expected);
  });
});

describe("next hops", () => {
  const uplinks = new Map([["up0", { name: "up0", ifindex: 7, mtuBytes: 1500, up: true }]]);
  const rows = [
    { dst: "2001:db8:1::", dev: "up0", gateway: "fe80::1" },
    { dst: "2001:db8:2::", dev: "up0" },
    { dst: "2001:db8:3::", dev: "mgmt" },
    { dst: "2001:db8:4::", dev: "lo", type: "local" },
  ];

  test.each([
    ["a gateway", "2001:db8:1::", { nextHop: { ifindex: 7, gateway: "fe80::1" }, mtu: 1500 }],
    ["on the link", "2001:db8:2::", { nextHop: { ifindex: 7, gateway: undefined }, mtu: 1500 }],
    ["not through an uplink", "2001:db8:3::", undefined],
    ["local", "2001:db8:4::", undefined],
    ["unreachable", "2001:db8:5::", undefined],
  ])("%s", async (_, segment, expected) => {
    const hops = new NextHops(() => Promise.resolve(routesFromRows(rows)));
    await hops.prepare([sid(segment)]);
    expect(hops.get(sid(segment), uplinks)).toEqual(expected);
  });

  test("answers are kept until they are invalid, also the one that there is none", async () => {
    const asked: string[][] = [];
    const hops = new NextHops((segments) => {
      asked.push([...segments]);
      return Promise.resolve(routesFromRows(rows));
    });
    const both = [sid("2001:db8:1::"), sid("2001:db8:5::"), sid("2001:db8:1::")];
    await hops.prepare(both);
    await hops.prepare(both);
    hops.invalidate();
    await hops.prepare(both);
    expect(asked).toEqual([both.slice(0, 2), both.slice(0, 2)]);
  });
});

test("output of several batched commands, with one that failed in between", () => {
  expect(parseRows('[{"dst":"a"}]\n[{"dst":"b"}]\n')).toEqual([{ dst: "a" }, { dst: "b" }]);
  expect(parseRows('[{\n"dst":"a"\n}]\nError: x\n')).toEqual([]);
  expect(parseRows("")).toEqual([]);
});

test.each([
  [1_500, list(1, 2), undefined],
  [1_320, list(1, 2), expect.stringContaining("1336")],
  [1_400, encapList([1]), undefined],
  [1_399, encapList([1], { signingKeyId: 7 }), expect.stringContaining("1400")],
])("an MTU of %d", (mtuBytes, one, expected) => {
  expect(mtuShortfall(mtuBytes, headerBytesAtMost(one))).toEqual(expected);
});
