import { parseLinkNotification } from "./interface-state";

test.each([
  [
    "an interface of another namespace",
    "[nsid 2]4: to-zrh@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9000 qdisc noqueue state UP",
    { nsid: 2, name: "to-zrh", state: { up: true, carrier: true } },
  ],
  [
    "one of the monitor's own",
    "[nsid current]31: w30a@if31: <BROADCAST,MULTICAST> mtu 9000 qdisc noop state DOWN",
    { nsid: "current", name: "w30a", state: { up: false, carrier: false } },
  ],
  [
    "up, but the other end is not",
    "[nsid 2]4: to-a.b-3@if4: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 9000",
    { nsid: 2, name: "to-a.b-3", state: { up: true, carrier: false } },
  ],
  [
    "on the way up",
    "[nsid 0]4: w3a@if4: <NO-CARRIER,BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9000",
    { nsid: 0, name: "w3a", state: { up: true, carrier: false } },
  ],
  [
    "one without a peer",
    "[nsid 0]1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536",
    { nsid: 0, name: "lo", state: { up: true, carrier: true } },
  ],
  ["a removal", "[nsid 2]Deleted 4: to-zrh@if4: <BROADCAST> mtu 9000", undefined],
  ["something else", "[nsid 2]fe80::1 dev x lladdr 02:00:00:00:00:01 REACHABLE", undefined],
])("%s", (_what, line, expected) => {
  expect(parseLinkNotification(line)).toEqual(expected);
});
