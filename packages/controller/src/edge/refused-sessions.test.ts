import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { DIAMOND } from "../testing/documents";
import type { Status } from "../testing/operator-client";
import type { ScriptedAgent } from "../testing/scripted-agent";
import { TestController } from "../testing/test-controller";

let controller: TestController;
beforeEach(async () => {
  controller = await TestController.start();
  await controller.operator.apply([DIAMOND]);
});
afterEach(() => controller.stop());

const hostStatus = (host: string): Promise<Status> => controller.operator.status("Host", host);

test("a host that the topology does not have", async () => {
  const end = await controller.agent("mallory").hello().ended();
  expect(end.code).toBe(status.NOT_FOUND);
  expect(end.details).toMatch(/^not_found: .*"mallory"/);
  expect((await controller.agent("w").hello().ended()).code).toBe(status.NOT_FOUND);
});

test("an agent that has seen a newer controller", async () => {
  const end = await controller.agent("alice").hello({ term: 2n }).ended();
  expect(end.code).toBe(status.FAILED_PRECONDITION);
  expect(end.details).toContain("term 2");
  expect(await hostStatus("alice")).toMatchObject({
    session: { state: "never" },
    refused: { message: expect.stringContaining("--min-term 3") as string },
  });
});

test.each([
  ["no hello at first", (agent: ScriptedAgent) => agent.ack({ version: 1n })],
  ["a second hello", (agent: ScriptedAgent) => agent.hello().hello()],
  ["an ack of nothing sent", (agent: ScriptedAgent) => agent.hello().ack({ version: 99n })],
  ["a report with a bad key", (agent: ScriptedAgent) => agent.hello().report({ paths: [{ list: "x" }] })],
  ["an empty host", (agent: ScriptedAgent) => agent.hello({ host: "" })],
  ["an overlong version", (agent: ScriptedAgent) => agent.hello({ agentVersion: "v".repeat(2_000) })],
])("%s breaks the protocol", async (_what, speak) => {
  const agent = controller.agent("alice");
  speak(agent);
  expect((await agent.ended()).code).toBe(status.INVALID_ARGUMENT);
  expect((await hostStatus("alice")).session.state).not.toBe("connected");
});

test("bytes that are no message", async () => {
  const path = "/sextant.v1.AgentService/Session";
  const identity = (bytes: Buffer) => bytes;
  const client = new Client(controller.target, credentials.createInsecure());
  const call = client.makeBidiStreamRequest(path, identity, identity);
  const ended = new Promise<ServiceError>((resolve) => call.on("error", resolve));
  call.write(Buffer.from("0affffffff", "hex"));
  expect((await ended).code).toBe(status.INTERNAL);
  client.close();
  expect((await controller.agent("alice").hello().welcomed()).term).toBe(1n);
});

test("a second agent of a host takes over from the first", async () => {
  const first = controller.agent("alice").hello();
  await first.take(1);
  const second = controller.agent("alice", first.held).hello();
  expect((await first.ended()).code).toBe(status.FAILED_PRECONDITION);
  await second.welcomed();
  expect((await hostStatus("alice")).session.state).toBe("connected");
});

test("one agent more than the controller takes", async () => {
  await controller.stop();
  controller = await TestController.start({ maxSessions: 1 });
  await controller.operator.apply([DIAMOND]);
  await controller.agent("alice").hello().welcomed();
  const end = await controller.agent("bob").hello().ended();
  expect(end.code).toBe(status.RESOURCE_EXHAUSTED);
  await controller.agent("alice").hello().welcomed();
});
