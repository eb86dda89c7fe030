import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DesiredList, ipv6, type Sid } from "@sextant/model";
import { EntryStatus } from "@sextant/proto";
import { AgentHost, FAR_PREFIX } from "../agent_support/agent-host";
import { entryToWire } from "../../../packages/agent/src/testing/entry-to-wire";
import type { AgentStream } from "../../../packages/agent/src/testing/scripted-controller";
import { listOf, policy } from "../../support/desired";
import { eventually } from "../../support/eventually";

jest.setTimeout(120_000);

let world: AgentHost;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "sextant-keys-"));
  world = await AgentHost.create();
});
afterEach(async () => {
  await world.remove();
  rmSync(directory, { recursive: true });
});

/** Through the router to a far decapsulation SID. */
function signed(): DesiredList {
  const segments = ["fcbb:bb00:2::", "fcbb:bb00:f:ff46::"].map((text) => ipv6(text) as Sid);
  return listOf(segments, { encapsulation: "encap", signingKeyId: 7, probeSegments: segments.slice(0, 1) });
}

async function send(stream: AgentStream): Promise<void> {
  stream.welcome(1n);
  const video = policy("video", [signed()], { match: { destinations: [FAR_PREFIX] } });
  const upserts = [world.domain(), signed(), video].map(entryToWire);
  stream.send({ case: "delta", value: { version: 1n, full: true, upserts } });
  await stream.message("ack");
}

const last = (stream: AgentStream, key: string) =>
  stream
    .all("ack")
    .flatMap(({ entries }) => entries)
    .findLast((entry) => entry.key === key);

test("a list waits for its key, and names the file; it is installed when the key is there, and the controller is told", async () => {
  const keys = join(directory, "keys.yaml");
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o600 });
  write("keys.yaml", "keys: [{id: 7, secretFile: seven}]\n");
  await world.start("--signing-keys", keys);
  const stream = await world.controller.stream();
  expect((await stream.message("hello")).features).not.toContain("signing");
  await send(stream);
  const waiting = { status: EntryStatus.WAITING, reason: "key_missing" };
  expect(last(stream, signed().key)).toMatchObject({ ...waiting, message: expect.stringContaining("seven") });
  expect(last(stream, "policy/video/h")).toMatchObject(waiting);
  expect(world.status().lists).toEqual([]);

  write("seven", "secret\n");
  await eventually("the list is installed", () => world.status().lists.length === 1);
  const second = await world.controller.stream(1);
  expect((await second.message("hello")).features).toContain("signing");
  await world.end("SIGTERM");
  rmSync(join(directory, "seven"));
  await world.start("--signing-keys", keys);
  const third = await world.controller.stream(2);
  third.welcome(1n);
  await eventually("it says what is missing", () => last(third, signed().key)?.reason === waiting.reason);
  expect(last(third, signed().key)?.status).toBe(EntryStatus.INSTALLED);
  expect(world.status().lists).toHaveLength(1);
});
