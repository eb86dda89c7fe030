import { copyFileSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DesiredMatch } from "@sextant/model";
import { EntryStatus } from "@sextant/proto";
import { AgentHost, FAR_ADDRESS, FAR_PREFIX } from "../agent_support/agent-host";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import type { AgentStream } from "../../../packages/agent/src/testing/scripted-controller";
import { policy } from "../../support/desired";
import { eventually } from "../../support/eventually";

const PORT = 15_001;
const DATAGRAMS = 20;
const BASH = "/bin/bash";
const CONTAINER = "0123456789ab".padEnd(64, "c");
jest.setTimeout(120_000);

let world: AgentHost;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "sextant-app-"));
  world = await AgentHost.create();
});
afterEach(async () => {
  await world.remove();
  rmSync(directory, { recursive: true });
});

/** One way to tell an application from the others. */
interface Application {
  readonly match: () => Partial<DesiredMatch>;
  /** Why its policy waits while it is not there; undefined for what is always there. */
  readonly waits: string | undefined;
  readonly appear: () => void;
  readonly disappear: () => void;
  /** Shell command that runs bash as the application: `$0` is its script. */
  readonly run: () => string;
}

const below = (name: string) => join(world.cgroup, "..", name);
const inCgroup = (name: string) => `echo $$ > ${below(name)}/cgroup.procs; exec ${BASH}`;
const program = () => join(directory, "sender");
const inNewCgroup = (name: string, waits: string, match: Partial<DesiredMatch>): Application => ({
  match: () => match,
  waits,
  appear: () => mkdirSync(below(name)),
  disappear: () => rmdirSync(below(name)),
  run: () => inCgroup(name),
});

const APPLICATIONS: [string, Application][] = [
  ["a cgroup", inNewCgroup("later", "cgroup_missing", { cgroup: "later" })],
  ["a systemd unit", inNewCgroup("video.service", "unit_missing", { systemdUnit: "video.service" })],
  ["a container", inNewCgroup(`docker-${CONTAINER}.scope`, "container_missing", { container: CONTAINER.slice(0, 12) })],
  [
    "a program",
    {
      match: () => ({ executable: program() }),
      waits: "executable_missing",
      appear: () => copyFileSync(BASH, program()),
      disappear: () => rmSync(program()),
      run: () => `exec ${program()}`,
    },
  ],
  [
    "a user by number",
    {
      match: () => ({ user: "4242" }),
      waits: undefined,
      appear: () => undefined,
      disappear: () => undefined,
      run: () => `exec setpriv --reuid 4242 --clear-groups ${BASH}`,
    },
  ],
];

async function send(stream: AgentStream, match: Partial<DesiredMatch>): Promise<void> {
  stream.welcome(1n);
  const video = policy("video", [world.list("2")], { match: { ...match, protocol: 17, destinations: [FAR_PREFIX] } });
  const upserts = [world.domain(), world.list("2"), video].map(entryToWire);
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts } });
  await stream.message("ack");
}

/** Runs bash by a shell command and has it send datagrams. */
function datagrams(run: string): void {
  const script = `for i in $(seq ${DATAGRAMS}); do echo x > /dev/udp/${FAR_ADDRESS}/${PORT}; done`;
  world.namespaces.run(world.host, `${run} -c '${script}'`);
}

/** The last word on the policy. */
const last = (stream: AgentStream) =>
  stream
    .all("ack")
    .flatMap(({ entries }) => entries)
    .findLast(({ key }) => key === "policy/video/h");

test.each(APPLICATIONS)(
  "%s: its packets are steered and no others, from when it appears until it goes",
  async (_, application) => {
    const { match, waits, appear, disappear, run } = application;
    await world.start();
    const stream = await world.controller.stream();
    await send(stream, match());
    expect(last(stream)?.reason).toBe(waits);
    appear();
    await eventually(
      "the policy is installed",
      () => (last(stream)?.status ?? EntryStatus.INSTALLED) === EntryStatus.INSTALLED,
    );
    datagrams(`exec ${BASH}`);
    expect(world.steered()).toBe(0);
    datagrams(run());
    expect(world.steered()).toBe(DATAGRAMS);
    disappear();
    await eventually("the policy waits again", () => (last(stream)?.reason ?? waits) === waits);
    datagrams(`exec ${BASH}`);
    expect(world.steered()).toBe(DATAGRAMS);
  },
);

test("a user whom nobody knows is waited for", async () => {
  await world.start();
  const stream = await world.controller.stream();
  await send(stream, { user: "no-such-user" });
  expect(last(stream)).toMatchObject({ status: EntryStatus.WAITING, reason: "user_unknown" });
});
