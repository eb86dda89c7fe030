import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { runController } from "./main";
import { outcome, spawnTypescript, type TypescriptChild } from "./testing/child";
import { DIAMOND, intentYaml } from "./testing/documents";
import { eventually } from "../../../test/support/eventually";
import { OperatorClient } from "./testing/operator-client";
import { RedisServer } from "./testing/redis-server";
import { TestController } from "./testing/test-controller";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sextant-main-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A controller in a process of its own; resolves when it serves. */
async function spawned(socket: string): Promise<TypescriptChild> {
  const options = { dataDir: join(dir, "data"), listen: [socket], logLevel: "info" };
  const child = spawnTypescript(
    `use("main").runController(${JSON.stringify(options)}).then(
       (running) => { console.log("ready " + running.term); process.once("SIGTERM", () => running.close()); },
       (error) => console.log(error.code));`,
  );
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await eventually("the controller serves", () => text.includes("\n"));
  return child;
}

test("kill -9 and restart: everything that an apply acknowledged is there, under a higher term", async () => {
  const socket = `unix:${join(dir, "socket")}`;
  const first = await spawned(socket);
  const operator = new OperatorClient(socket);
  await operator.apply([DIAMOND, intentYaml("web")]);
  await operator.apply([intentYaml("web", ["priority: 3"])]);
  const before = await operator.get("Intent");
  operator.close();
  const killed = outcome(first);
  first.kill("SIGKILL");
  await killed;

  const second = await spawned(socket);
  const again = new OperatorClient(socket);
  expect(await again.get("Intent")).toEqual(before);
  again.close();
  const ended = outcome(second);
  second.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  const lines = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { msg: string; term?: string });
  expect(lines.map(({ msg }) => msg)).toContain("controller stopped");
}, 30_000);

test("what keeps a controller from starting leaves its store free", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const options = { dataDir: join(dir, "data"), logLevel: "silent" };
  const taken = runController({ ...options, listen: ["127.0.0.1:0", `127.0.0.1:${port}`] });
  await expect(taken).rejects.toMatchObject({ code: "port_in_use" });
  other.close();
  const running = await runController({ ...options, listen: ["127.0.0.1:0"] });
  expect(running.term).toBe(2n);
  const twice = runController({ ...options, listen: ["127.0.0.1:0"] });
  await expect(twice).rejects.toMatchObject({ code: "store_locked" });
  await running.close();
});

test("a full disk fails the apply whole; the controller goes on serving and takes it when there is room", async () => {
  const mounted = join(dir, "disk");
  mkdirSync(mounted);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", mounted]);
  const controller = await TestController.start({ dataDir: join(mounted, "data") });
  try {
    const { operator } = controller;
    await operator.apply([DIAMOND, intentYaml("web")]);
    const agent = controller.agent("alice").hello();
    await agent.take(1);
    writeFileSync(join(mounted, "ballast"), Buffer.alloc(10 * 1024 * 1024));
    const refused = operator.apply([intentYaml("web", ["priority: 9"]), intentYaml("more")]);
    await expect(refused).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: expect.stringMatching(/^store_full: /) as string,
    });
    expect((await operator.get("Intent")).map(({ name, generation }) => `${name} ${generation}`)).toEqual(["web 1"]);
    rmSync(join(mounted, "ballast"));
    await operator.apply([intentYaml("web", ["priority: 9"]), intentYaml("more")]);
    expect((await agent.take(2)).upserts.map(({ key }) => key)).toEqual(["policy/more/bob", "policy/web/bob"]);
  } finally {
    await controller.stop();
    execFileSync("umount", [mounted]);
  }
});

test("a damaged store keeps the controller from starting, and is left as it is", async () => {
  const controller = await TestController.start({ dataDir: join(dir, "data") });
  await controller.operator.apply([DIAMOND]);
  await controller.stop();
  const log = readdirSync(join(dir, "data")).find((name) => name.endsWith(".log")) ?? "";
  writeFileSync(join(dir, "data", log), Buffer.alloc(500, 7));
  const starting = TestController.start({ dataDir: join(dir, "data") });
  await expect(starting).rejects.toMatchObject({
    code: "store_corrupt",
    message: expect.stringContaining(log) as string,
  });
});

test("the store in Redis: another controller has what the first one left", async () => {
  const server = new RedisServer();
  await server.start();
  const controller = await TestController.start({ store: server.url });
  await controller.operator.apply([DIAMOND, intentYaml("web")]);
  await controller.stop();
  const next = await TestController.start({ store: server.url });
  expect((await next.operator.get("Intent")).map(({ name }) => name)).toEqual(["web"]);
  expect(next.running.term).toBe(2n);
  await next.stop();
  await server.remove();
});
