import { Client, credentials, status } from "@grpc/grpc-js";
import { ApplyResult_Action } from "@sextant/proto";
import { DIAMOND, intentYaml } from "../testing/documents";
import { eventually } from "../../../../test/support/eventually";
import type { Status } from "../testing/operator-client";
import { TestController } from "../testing/test-controller";

let controller: TestController;
beforeEach(async () => {
  controller = await TestController.start({ maxWatchers: 2 });
});
afterEach(async () => {
  await controller.stop();
});

const names = async (kind: string) => (await controller.operator.get(kind)).map(({ name }) => name);

describe("apply", () => {
  test("says what it did with each document", async () => {
    const { CREATED, CONFIGURED, UNCHANGED } = ApplyResult_Action;
    const first = await controller.operator.apply([DIAMOND, intentYaml("a") + "---\n" + intentYaml("b")]);
    expect(first.results.map(({ name, action, generation }) => [name, action, generation])).toEqual([
      ["diamond", CREATED, 1],
      ["a", CREATED, 1],
      ["b", CREATED, 1],
    ]);
    const second = await controller.operator.apply([intentYaml("a"), intentYaml("b", ["priority: 5"])]);
    expect(second.results.map(({ name, action, generation }) => [name, action, generation])).toEqual([
      ["a", UNCHANGED, 1],
      ["b", CONFIGURED, 2],
    ]);
  });

  test("applies nothing when one document of one file is wrong, and says where everything is wrong", async () => {
    await controller.operator.apply([DIAMOND]);
    const bad = intentYaml("bad", ["to: {hosts: [bobb]}", "priorty: 3"]);
    const response = await controller.operator.apply([intentYaml("good"), bad, "kind: Intent\nfoo: [\n"]);
    expect(response.results).toEqual([]);
    expect(response.issues.map(({ code, file, line, column }) => [code, file, line, column])).toEqual([
      ["unknown_field", "f1.yaml", 8, 3],
      ["yaml_syntax", "f2.yaml", 3, 1],
    ]);
    const references = await controller.operator.apply([
      intentYaml("good"),
      intentYaml("bad", ["to: {hosts: [bobb]}"]),
    ]);
    expect(references.issues).toMatchObject([
      { code: "unknown_reference", path: "spec.to.hosts[0]", file: "f1.yaml", line: 7, column: 16 },
    ]);
    expect(await names("Intent")).toEqual([]);
  });

  test("a dry run validates and changes nothing", async () => {
    const response = await controller.operator.apply([DIAMOND, intentYaml("a")], true);
    expect(response.results).toHaveLength(2);
    expect(await names("Topology")).toEqual([]);
  });
});

describe("get", () => {
  beforeEach(() => controller.operator.apply([DIAMOND, intentYaml("b"), intentYaml("a")]));

  test("lists a kind in order of name, and picks by name", async () => {
    expect(await names("Intent")).toEqual(["a", "b"]);
    expect((await controller.operator.get("Intent", "b", "nothing")).map(({ name }) => name)).toEqual(["b"]);
    expect(await names("Host")).toEqual(["alice", "bob"]);
    expect(await names("Path")).toEqual([expect.stringMatching(/^alice\/[0-9a-f]{16}$/)]);
  });

  test("gives spec as written and status as observed", async () => {
    const [intent] = await controller.operator.get("Intent", "a");
    expect(intent?.spec).toEqual({
      from: { hosts: ["alice"] },
      to: { hosts: ["bob"] },
      objective: { minimize: "delay" },
    });
    const { policies } = intent?.status as Status;
    expect(policies[0]).toMatchObject({ host: "alice", endpoint: "bob" });
    expect(policies[0].candidates[0]).toMatchObject({
      nodes: ["alice", "w", "s", "e", "bob"],
      metrics: { delayUs: 2_000 },
    });
    const [topology] = await controller.operator.get("Topology");
    expect(topology?.status).toMatchObject({ nodes: 6, hosts: 2, links: 6 });
  });

  test("refuses more than fits one answer, and still gives parts of it", async () => {
    await controller.stop();
    controller = await TestController.start({ maxResources: 2 });
    await controller.operator.apply([DIAMOND, intentYaml("a"), intentYaml("b"), intentYaml("c")]);
    await expect(controller.operator.get("Intent")).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await controller.operator.get("Intent", "a", "c")).toHaveLength(2);
    const { received, cancel } = controller.operator.watch("Intent");
    await eventually("3 resources were told", () => received.length === 3);
    cancel();
  });

  test("refuses what is no kind", async () => {
    await expect(controller.operator.get("Intents")).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });
});

describe("delete", () => {
  beforeEach(() => controller.operator.apply([DIAMOND, intentYaml("a")]));

  test("says which names were there", async () => {
    const { deleted, notFound } = await controller.operator.delete("Intent", "a", "b", "a");
    expect([deleted, notFound]).toEqual([["a"], ["b"]]);
    expect(await names("Intent")).toEqual([]);
  });

  test("leaves the topology while intents need it", async () => {
    const denied = controller.operator.delete("Topology", "diamond");
    await expect(denied).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
    await controller.operator.delete("Intent", "a");
    expect((await controller.operator.delete("Topology", "diamond")).deleted).toEqual(["diamond"]);
  });

  test("refuses kinds that are observed", async () => {
    await expect(controller.operator.delete("Host", "alice")).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });
});

describe("watch", () => {
  test("sends what there is, then changes, then deletions", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("a")]);
    const { received, cancel } = controller.operator.watch("Intent");
    await eventually("1 resources were told", () => received.length === 1);
    await controller.operator.apply([intentYaml("a", ["priority: 9"]), intentYaml("b")]);
    await eventually("3 resources were told", () => received.length === 3);
    expect(received.map(({ resource }) => [resource?.name, resource?.generation])).toEqual([
      ["a", 1],
      ["a", 2],
      ["b", 1],
    ]);
    await controller.operator.delete("Intent", "a");
    await eventually("4 resources were told", () => received.length === 4);
    expect(received[3]).toMatchObject({ deleted: true, resource: { kind: "Intent", name: "a" } });
    cancel();
  });

  test("sends nothing about names that were not asked for", async () => {
    await controller.operator.apply([DIAMOND, intentYaml("a")]);
    const { received, cancel } = controller.operator.watch("Intent", "b");
    await controller.operator.apply([intentYaml("c")]);
    await controller.operator.apply([intentYaml("b")]);
    await eventually("1 resources were told", () => received.length === 1);
    expect(received[0]?.resource?.name).toBe("b");
    cancel();
  });

  test("a reader that does not read costs the latest state, not every step", async () => {
    await controller.operator.apply([DIAMOND]);
    const watching = controller.operator.watch("Intent");
    watching.pause();
    const steps = 200;
    // Large enough that a few rounds fill the transport's windows.
    const many = Array.from({ length: 40 }, (_, i) =>
      intentYaml(`i${i}`, ["to: {hosts: [bob], prefixes: [2001:db9:bb:1::/64]}"]),
    );
    await controller.operator.apply(many);
    for (let priority = 1; priority <= steps; priority++) {
      await controller.operator.apply([intentYaml("i0", [`priority: ${priority}`])]);
    }
    watching.resume();
    const last = (name: string) => watching.received.filter(({ resource }) => resource?.name === name).at(-1)?.resource;
    await eventually("the newest generation was told", () => last("i0")?.generation === steps + 1);
    expect(watching.received.filter(({ resource }) => resource?.name === "i0").length).toBeLessThan(steps / 2);
    watching.cancel();
  });

  test("is bounded in number, and a closed one makes room", async () => {
    await controller.operator.apply([DIAMOND]);
    const first = controller.operator.watch("Topology");
    const second = controller.operator.watch("Topology");
    await eventually("both watch", () => first.received.length + second.received.length === 2);
    const third = controller.operator.watch("Topology");
    const { code } = await eventually("the third is refused", () => third.error);
    expect(code).toBe(status.RESOURCE_EXHAUSTED);
    first.cancel();
    await eventually("another one is let in", async () => {
      const again = controller.operator.watch("Topology");
      await eventually("it is answered", () => again.received.length > 0 || again.error !== undefined);
      again.cancel();
      return again.received.length === 1;
    });
    second.cancel();
  });
});

describe("standard services", () => {
  /** Calls a method with raw bytes, as any gRPC client could. */
  const raw = (path: string, request: Buffer) =>
    new Promise<Buffer>((resolve, reject) => {
      const client = new Client(controller.target, credentials.createInsecure());
      const identity = (bytes: Buffer) => bytes;
      const call = client.makeBidiStreamRequest(path, identity, identity);
      call.on("data", (bytes: Buffer) => {
        resolve(bytes);
        call.cancel();
      });
      call.on("error", reject);
      call.on("close", () => client.close());
      call.write(request);
      call.end();
    });

  test("health says SERVING per service", async () => {
    const service = Buffer.from("sextant.v1.AgentService");
    const request = Buffer.concat([Buffer.from([0x0a, service.length]), service]);
    expect(await raw("/grpc.health.v1.Health/Check", request)).toEqual(Buffer.from([0x08, 1]));
  });

  test("reflection lists the services and knows their messages", async () => {
    const list = await raw("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Buffer.from([0x3a, 1, 0x2a]));
    expect(list.toString("latin1")).toContain("sextant.v1.OperatorService");
    const symbol = Buffer.from("sextant.v1.Resource");
    const query = Buffer.concat([Buffer.from([0x22, symbol.length]), symbol]);
    const file = await raw("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", query);
    expect(file.toString("latin1")).toContain("WatchResponse");
  });
});
