import { type LabLink, planLab } from "../plan";
import { testTopology } from "../testing/topology";
import { changeSettings, declaredSettings, type LinkChange } from "./link-settings";
import { type DelayBackend, wireLines } from "./wire-lines";

function theLink(): LabLink {
  const [only] = planLab("test", testTopology("a b", "a-b:10")).links.values();
  if (only !== undefined) return only;
  throw new Error("the topology has a link");
}

const link = theLink();
const plain = declaredSettings(link.link, { delay: true, loss: true, capacity: false });

/** What a change does to a link, given the changes before it. */
function linesOf(backend: DelayBackend, change: LinkChange, before: readonly LinkChange[] = []) {
  const old = before.reduce(changeSettings, plain);
  return wireLines(link, old, changeSettings(old, change), backend);
}

test("a new link is a redirect each way between two ports", () => {
  expect(wireLines(link, undefined, plain, "delay-line")).toEqual({
    nodes: [],
    ip: ["link set dev w0a up", "link set dev w0b up"],
    tc: [
      "filter add dev w0a ingress pref 1 protocol all u32 match u32 0 0 action mirred egress redirect dev w0b",
      "filter add dev w0b ingress pref 1 protocol all u32 match u32 0 0 action mirred egress redirect dev w0a",
    ],
    delayLine: [],
  });
});

const delay: LinkChange = { kind: "shape", directions: ["aToB"], delayUs: 5_000 };
const nothing = { nodes: [], ip: [], tc: [], delayLine: [] };

test.each<[string, DelayBackend, LinkChange, readonly LinkChange[], unknown]>([
  ["down", "netem", { kind: "down" }, [], { ...nothing, ip: ["link set dev w0a down", "link set dev w0b down"] }],
  ["down twice", "netem", { kind: "down" }, [{ kind: "down" }], nothing],
  [
    "a delay in user space",
    "delay-line",
    delay,
    [],
    { ...nothing, tc: ["filter del dev w0a ingress pref 1"], delayLine: ["forward w0a w0b 5000"] },
  ],
  [
    "another delay in user space",
    "delay-line",
    { ...delay, delayUs: 7_000 },
    [delay],
    { ...nothing, delayLine: ["forward w0a w0b 7000"] },
  ],
  [
    "a delay in user space taken away",
    "delay-line",
    { ...delay, delayUs: 0 },
    [delay],
    {
      ...nothing,
      tc: ["filter add dev w0a ingress pref 1 protocol all u32 match u32 0 0 action mirred egress redirect dev w0b"],
      delayLine: ["remove w0a w0b"],
    },
  ],
  [
    "a delay in the kernel",
    "netem",
    delay,
    [],
    { ...nothing, tc: ["qdisc replace dev w0b root handle 2: netem delay 5000us limit 16384"] },
  ],
  [
    "delay and rate in the kernel",
    "netem",
    { kind: "shape", directions: ["aToB"], rateMbps: 10 },
    [delay],
    { ...nothing, tc: ["qdisc replace dev w0b root handle 2: netem delay 5000us limit 16384 rate 10000kbit"] },
  ],
  [
    "a blackhole drops at the receiving port",
    "netem",
    { kind: "blackhole", directions: ["bToA"] },
    [],
    {
      ...nothing,
      tc: ['filter replace dev w0a egress pref 1 handle 1 protocol all bpf direct-action bytecode "1,6 0 0 2,"'],
    },
  ],
  [
    "half of the packets lost",
    "netem",
    { kind: "shape", directions: ["aToB"], lossPpm: 500_000 },
    [],
    {
      ...nothing,
      tc: [
        'filter replace dev w0b egress pref 1 handle 1 protocol all bpf direct-action bytecode "4,32 0 0 4294963256,53 1 0 2147483648,6 0 0 2,6 0 0 4294967295,"',
      ],
    },
  ],
  [
    "restored",
    "netem",
    { kind: "restore", directions: ["aToB"] },
    [{ kind: "blackhole", directions: ["aToB"] }],
    { ...nothing, tc: ["filter del dev w0b egress pref 1"] },
  ],
  [
    "restored to its loss",
    "netem",
    { kind: "restore", directions: ["aToB"] },
    [
      { kind: "shape", directions: ["aToB"], lossPpm: 1_000_000 },
      { kind: "blackhole", directions: ["aToB"] },
    ],
    nothing,
  ],
  [
    "a rate",
    "delay-line",
    { kind: "shape", directions: ["aToB"], rateMbps: 100 },
    [],
    { ...nothing, tc: ["qdisc replace dev w0b root handle 1: tbf rate 100000kbit burst 125000 latency 50ms"] },
  ],
  [
    "a rate taken away",
    "delay-line",
    { kind: "shape", directions: ["aToB"], rateMbps: 0 },
    [{ kind: "shape", directions: ["aToB"], rateMbps: 100 }],
    { ...nothing, tc: ["qdisc del dev w0b root"] },
  ],
  [
    "an MTU, in the nodes",
    "delay-line",
    { kind: "mtu", mtu: 1_400 },
    [],
    {
      ...nothing,
      nodes: [
        { node: "a", ip: ["link set dev to-b mtu 1400"] },
        { node: "b", ip: ["link set dev to-a mtu 1400"] },
      ],
    },
  ],
  ["the MTU that it has", "netem", { kind: "mtu", mtu: 1_400 }, [{ kind: "mtu", mtu: 1_400 }], nothing],
])("%s", (_what, backend, change, before, expected) => {
  expect(linesOf(backend, change, before)).toEqual(expected);
});
