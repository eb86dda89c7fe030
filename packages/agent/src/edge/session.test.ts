import { credentials } from "@grpc/grpc-js";
import { EntryStatus, PathState } from "@sextant/proto";
import { policyKey } from "@sextant/model";
import { list } from "../../../../test/support/desired";
import { ScriptedController } from "../testing/scripted-controller";
import { eventually } from "../../../../test/support/eventually";
import type { DesiredAck, DesiredDelta } from "../pipeline/install";
import type { AgentReport } from "../pipeline/observe";
import { Session } from "./session";

const a = list(1);
const report = (driftRepairs: number): AgentReport => ({
  paths: [
    {
      list: a.key,
      state: "alive",
      stateAgeMs: 5,
      roundTripUs: 7,
      probesSent: 3n,
      probesReturned: 2n,
      reason: "",
      withheld: false,
      deadReturns: 2,
      rareReturns: 1,
      probeIntervalUs: 20_000,
      transitions: 0,
      meanRoundTripUs: 0,
      jitterUs: 0,
      lossPpm: 1,
      tcp: { sent: 0, sentAgain: 0, cameTwice: 0, roundTripUs: undefined },
      packets: 9n,
      bytes: 900n,
    },
  ],
  policies: [
    {
      policy: policyKey("video", "h"),
      packets: 3n,
      bytes: 300n,
      activeCandidate: 1,
      candidates: [
        { packets: 1n, bytes: 100n },
        { packets: 2n, bytes: 200n },
      ],
    },
  ],
  uplinks: [{ interface: "up0", packets: 3n, bytes: 420n }],
  packetsByReason: new Map([["inserted", 4n]]),
  driftRepairs,
});

let controller: ScriptedController;
let session: Session;
let term: bigint;
let deltas: DesiredDelta[];
let linkStates: (readonly bigint[])[];
let lostSessions: number;
let answer: (delta: DesiredDelta) => Promise<DesiredAck>;

beforeEach(async () => {
  controller = await ScriptedController.start();
  term = 5n;
  deltas = [];
  linkStates = [];
  lostSessions = 0;
  answer = ({ version }) => Promise.resolve({ version, entries: [] });
  session = new Session({
    target: controller.address,
    credentials: () => credentials.createInsecure(),
    channelOptions: {},
    log: { info: () => undefined, warn: () => undefined },
    random: () => 0,
    agent: {
      hello: () => ({
        host: "h1",
        agentVersion: "0",
        kernelRelease: "6",
        maxSegments: 15,
        term,
        features: ["insert", "encap"],
        held: [{ key: a.key, revision: "r1", status: "installed" }],
      }),
      welcome: (seen) => {
        term = seen;
      },
      install: (delta) => {
        deltas.push(delta);
        return answer(delta);
      },
      linksDown: (links) => linkStates.push(links),
      sessionLost: () => (lostSessions += 1),
    },
  });
  session.start();
});
afterEach(() => {
  session.stop();
  controller.kill();
});

async function established(welcomeTerm = 5n) {
  const stream = await controller.stream(controller.streams.length === 0 ? 0 : controller.streams.length - 1);
  stream.welcome(welcomeTerm);
  await eventually("the session is established", () => session.state.kind === "established");
  return stream;
}

test("says first who it is and what it holds", async () => {
  const hello = await (await controller.stream()).message("hello");
  expect(hello).toMatchObject({ host: "h1", maxSegments: 15, term: 5n, features: ["insert", "encap"] });
  expect(hello.held).toMatchObject([{ key: a.key, revision: "r1", status: EntryStatus.INSTALLED }]);
});

test("a delta is installed and acknowledged; what is malformed is refused by entry", async () => {
  const stream = await established();
  answer = ({ version, malformed }) => Promise.resolve({ version, entries: malformed });
  stream.send({
    case: "delta",
    value: { version: 7n, removals: [a.key, "nonsense"], upserts: [{ key: "list/00", revision: "r" }], full: true },
  });
  const ack = await stream.message("ack");
  expect(deltas).toMatchObject([{ version: 7n, removals: [a.key], upserts: [], full: true }]);
  expect(ack.version).toBe(7n);
  expect(ack.entries).toMatchObject([
    { key: "list/00", revision: "r", status: EntryStatus.REJECTED, reason: "invalid_entry" },
  ]);
});

test("the next delta is read only when the one before is installed", async () => {
  const stream = await established();
  let release: () => void = () => undefined;
  answer = async ({ version }) => {
    if (version === 1n) await new Promise<void>((resolve) => (release = resolve));
    return { version, entries: [] };
  };
  stream.send({ case: "delta", value: { version: 1n } });
  stream.send({ case: "delta", value: { version: 2n } });
  await eventually("the first delta came", () => deltas.length > 0);
  expect(deltas.map(({ version }) => version)).toEqual([1n]);
  release();
  await stream.message("ack", 1);
  expect(deltas.map(({ version }) => version)).toEqual([1n, 2n]);
});

test("an older term is refused, the session dials again and takes the right one", async () => {
  const first = await controller.stream();
  first.welcome(4n);
  const second = await controller.stream(1);
  expect(first.ended).toBe(true);
  expect(session.state.kind).toBe("greeting");
  second.welcome(6n);
  await eventually("the session is established", () => session.state.kind === "established");
  expect(term).toBe(6n);
});

test("link states are passed on in their order of versions, and from one in each session", async () => {
  const stream = await established();
  stream.send({ case: "linkState", value: { version: 1n, down: [7n, 8n] } });
  stream.send({ case: "linkState", value: { version: 3n, down: [] } });
  stream.send({ case: "linkState", value: { version: 2n, down: [9n] } });
  stream.send({ case: "delta", value: { version: 1n } });
  await stream.message("ack");
  expect(linkStates).toEqual([[7n, 8n], []]);
  session.redial("for the test");
  expect(lostSessions).toBe(1);
  await controller.stream(1);
  const second = await established();
  second.send({ case: "linkState", value: { version: 1n, down: [9n] } });
  await eventually("the new session's link state came", () => linkStates.length === 3);
  expect(linkStates.at(-1)).toEqual([9n]);
});

test("a message of an unknown kind is ignored", async () => {
  const stream = await established();
  stream.send({ case: undefined });
  stream.send({ case: "delta", value: { version: 1n } });
  expect((await stream.message("ack")).version).toBe(1n);
});

test.each<[string, "delta" | "welcome" | "linkState"]>([
  ["a delta before the welcome", "delta"],
  ["a link state before the welcome", "linkState"],
  ["a second welcome", "welcome"],
])("%s ends the session", async (_, kind) => {
  const first = kind === "welcome" ? await established() : await controller.stream();
  first.send({ case: kind, value: {} });
  await controller.stream(1);
  await eventually("the first stream ends", () => first.ended);
  expect(deltas).toEqual([]);
});

test("reports say what was observed", async () => {
  const stream = await established();
  session.report(report(3));
  expect(await stream.message("report")).toMatchObject({
    paths: [
      {
        list: a.key,
        state: PathState.ALIVE,
        stateAgeMs: 5n,
        roundTripUs: 7,
        probesSent: 3n,
        lossPpm: 1,
        deadReturns: 2,
        rareReturns: 1,
        probeIntervalUs: 20_000,
        packets: 9n,
      },
    ],
    policies: [{ policy: "policy/video/h", activeCandidate: 1, candidates: [{ packets: 1n }, { bytes: 200n }] }],
    uplinks: [{ interface: "up0", packets: 3n, bytes: 420n }],
    packetsByReason: { inserted: 4n },
    driftRepairs: 3n,
  });
});

test("a controller that does not read gets the latest report, not all of them", async () => {
  const stream = await established();
  stream.stream.pause();
  const big = { ...report(0), packetsByReason: new Map(Array.from({ length: 5_000 }, (_, i) => [`reason-${i}`, 1n])) };
  for (let i = 1; i <= 200; i++) {
    session.report({ ...big, driftRepairs: i });
    await new Promise(setImmediate);
  }
  stream.stream.resume();
  const reports = () => stream.all("report");
  await eventually("the last report", () => reports().some(({ driftRepairs }) => driftRepairs === 200n));
  expect(reports().length).toBeLessThan(100);
});

test("changed states carry the last version of this session; those that wait merge by entry, the latest word wins", async () => {
  const state = (reason: "no_route" | "map_full") =>
    ({ key: a.key, revision: "r", status: "waiting", reason, message: "" }) as const;
  const stream = await established();
  session.statesChanged([]);
  session.statesChanged([state("no_route")]);
  session.statesChanged([state("no_route")]);
  session.statesChanged([state("map_full")]);
  expect(await stream.message("ack", 1)).toMatchObject({ version: 0n, entries: [{ reason: "map_full" }] });
  expect(stream.all("ack")).toHaveLength(2);
  stream.send({ case: "delta", value: { version: 7n } });
  await stream.message("ack", 2);
  session.statesChanged([state("no_route")]);
  expect((await stream.message("ack", 3)).version).toBe(7n);
});

test("versions count anew in each session", async () => {
  const first = await established();
  first.send({ case: "delta", value: { version: 7n } });
  await first.message("ack");
  controller.kill();
  await eventually("the loss is seen", () => session.state.kind !== "established");
  await controller.listen();
  const second = await controller.stream(1);
  second.welcome(5n);
  await eventually("the session is back", () => session.state.kind === "established");
  session.statesChanged([{ key: a.key, revision: "r", status: "installed", reason: "", message: "" }]);
  expect((await second.message("ack")).version).toBe(0n);
});

test("a controller that dies is dialled until it is back", async () => {
  await established();
  controller.kill();
  await eventually("the loss is seen", () => session.state.kind !== "established");
  session.report(report(1));
  await controller.listen();
  const second = await controller.stream(1);
  second.welcome(5n);
  await eventually("the session is back", () => session.state.kind === "established");
  expect((await second.message("hello")).host).toBe("h1");
});

test("a session that is started over says a new hello", async () => {
  await established();
  session.redial("for a test");
  expect((await (await controller.stream(1)).message("hello")).host).toBe("h1");
});

test("a failed installation ends the session; after stop there is no other", async () => {
  const stream = await established();
  answer = () => Promise.reject(new Error("boom"));
  stream.send({ case: "delta", value: { version: 1n } });
  const second = await controller.stream(1);
  session.stop();
  await eventually("the second stream ends", () => second.ended);
  expect(session.state.kind).toBe("stopped");
  expect(controller.streams).toHaveLength(2);
});
