import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { kernelHasNetem } from "../lab_support/kernel-has-netem";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { ping } from "../lab_support/ping";
import { eventually } from "../../support/eventually";

//   alice──west ── 20 ms there, 5 ms back ── east──bob
const TOPOLOGY = join(__dirname, "line.yaml");
const LINK = { a: "west", b: "east" };
/** Most packets that the delay line holds per direction. */
const QUEUE_PACKETS = 16_384;
/** What a busy machine may add. */
const GENEROUS_US = 20_000;

const withDelayLine = kernelHasNetem() ? test.skip : test;

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "shape");
});
afterAll(() => Lab.down(labNameFor("shape")));

const measure = async (from: string, to: string) => (await lab.startUdpStream({ from, to, seconds: 1 })).result;

test.each([
  ["there", "alice", "bob", 20_000],
  ["back", "bob", "alice", 5_000],
])("%s a packet takes the delay of its direction, and none is lost", async (_what, from, to, delayUs) => {
  const result = await measure(from, to);
  expect(result.lost).toBe(0);
  expect(result.reordered).toBe(0);
  expect(result.delayUs.min).toBeGreaterThanOrEqual(delayUs);
  expect(result.delayUs.median).toBeLessThan(delayUs + GENEROUS_US);
});

test("a delay changes while packets flow, and goes", async () => {
  await lab.linkSet(LINK, { delayUs: 50_000 }, "west");
  expect((await measure("alice", "bob")).delayUs.min).toBeGreaterThanOrEqual(50_000);
  await lab.linkSet(LINK, { delayUs: 0 });
  const none = await measure("alice", "bob");
  expect(none.delayUs.median).toBeLessThan(5_000);
  await lab.linkSet(LINK, { delayUs: 5_000 });
  expect((await measure("bob", "alice")).delayUs.min).toBeGreaterThanOrEqual(5_000);
});

test("random loss is as asked, in its direction", async () => {
  await lab.linkSet(LINK, { lossPpm: 300_000 }, "west");
  const [there, back] = [await measure("alice", "bob"), await measure("bob", "alice")];
  expect(there.lost).toBeGreaterThan(200);
  expect(there.lost).toBeLessThan(400);
  expect(back.lost).toBe(0);
  await lab.linkSet(LINK, { lossPpm: 0 });
  expect((await measure("alice", "bob")).lost).toBe(0);
});

test("a rate holds TCP, through the delay", async () => {
  const bulk = async () => {
    const { result } = await lab.startTcp({ from: "alice", to: "bob", mode: "bulk", seconds: 2 });
    return (await result).megabitsPerSecond;
  };
  await lab.linkSet(LINK, { rateMbps: 20 });
  const held = await bulk();
  expect(held).toBeGreaterThan(5);
  expect(held).toBeLessThan(21);
  await lab.linkSet(LINK, { rateMbps: 0 });
  expect(await bulk()).toBeGreaterThan(100);
});

test("TCP requests are answered after a round trip", async () => {
  const { result } = await lab.startTcp({ from: "alice", to: "bob", mode: "echo", seconds: 1 });
  const { requests, roundTripsUs } = await result;
  expect(requests).toBeGreaterThan(10);
  expect(Math.min(...roundTripsUs)).toBeGreaterThanOrEqual(10_000);
});

withDelayLine("a full delay line drops what comes next, and counts it", async () => {
  await lab.linkSet(LINK, { delayUs: 10_000_000 }, "west");
  const stream = await lab.startUdpStream({ from: "alice", to: "bob", seconds: 3, packetsPerSecond: 8_000 });
  const { sent } = await stream.result;
  const counters = await lab.delayLineCounters();
  const there = counters.find(({ link, direction }) => link === "west-east" && direction === "aToB");
  expect(there?.queued).toBe(QUEUE_PACKETS);
  expect(there?.droppedFull).toBeGreaterThanOrEqual(sent - QUEUE_PACKETS);
  await lab.linkSet(LINK, { delayUs: 5_000 });
  await eventually("what waited has gone on", async () => {
    const [now] = await lab.delayLineCounters();
    return now?.queued === 0;
  });
});

withDelayLine("when the delay line dies its links lose carrier, and status says why", async () => {
  const state = JSON.parse(readFileSync(join(lab.directory, "state.json"), "utf8")) as { delayLine: { pid: number } };
  process.kill(state.delayLine.pid, "SIGKILL");
  const link = async () => (await lab.status()).links.find(({ name }) => name === "west-east")?.state.kind;
  await eventually("the link has no carrier", async () => (await link()) === "no-carrier");
  expect((await lab.status()).delays).toEqual({ backend: "delay-line", delayLine: "dead" });
  expect((await ping(lab, "alice", "2001:db8:b::1", 2)).received).toBe(0);
});
