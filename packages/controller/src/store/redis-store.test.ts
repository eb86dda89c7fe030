import { Redis } from "ioredis";
import type { DocumentRecord } from "../pipeline/document-record";
import { RedisServer } from "../testing/redis-server";
import { openRedisStore } from "./redis-store";
import type { Store } from "./store";

const server = new RedisServer();
let store: Store | undefined;
afterEach(async () => {
  await store?.close();
  store = undefined;
  await server.kill();
});
afterAll(() => server.remove());

const intent = (name: string, size = 10): DocumentRecord => {
  return { kind: "Intent", name, labels: {}, spec: { text: "x".repeat(size) }, generation: 1 };
};
const open = async () => {
  store = await openRedisStore(server.url);
  return store;
};
const names = async (one: Store) => (await one.load()).map(({ name }) => name);

test("a server that does not answer is named without its password", async () => {
  const opening = openRedisStore("redis://user:secret@127.0.0.1:1/0");
  await expect(opening).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/^Redis at redis:\/\/127\.0\.0\.1:1\/0 (?!.*secret)/) as string,
  });
});

test("a wrong password is a matter of permission", async () => {
  await server.start("--requirepass", "secret");
  await expect(open().then((opened) => opened.load())).rejects.toMatchObject({ code: "permission_denied" });
});

test("out of memory: nothing of the commit is kept, reading goes on", async () => {
  await server.start("--maxmemory", "4mb", "--maxmemory-policy", "noeviction");
  const opened = await open();
  await opened.commit({ puts: [intent("a")], deletes: [] });
  const fill = async () => {
    for (let i = 0; i < 20; i++)
      await opened.commit({ puts: [intent(`b${i}`, 500_000), intent(`c${i}`, 500_000)], deletes: [] });
  };
  await expect(fill()).rejects.toMatchObject({ code: "store_full" });
  const kept = await names(opened);
  expect(kept).toContain("a");
  expect(kept.filter((name) => name.startsWith("b")).map((name) => name.slice(1))).toEqual(
    kept.filter((name) => name.startsWith("c")).map((name) => name.slice(1)),
  );
});

test("kill -9 of the server: what was acknowledged is there again, and the store finds it by itself", async () => {
  await server.start("--maxmemory", "0");
  const opened = await open();
  const term = await opened.nextTerm();
  await opened.commit({ puts: [intent("survivor")], deletes: [] });
  await server.kill();
  await expect(opened.commit({ puts: [intent("lost")], deletes: [] })).rejects.toMatchObject({ code: "unavailable" });
  await server.start();
  await opened.close();
  const again = await open();
  expect(await names(again)).toContain("survivor");
  expect(await names(again)).not.toContain("lost");
  expect(await again.nextTerm()).toBe(term + 1n);
});

test.each([
  ["no JSON", "hset", ["sextant:documents", "Intent/a", "{"]],
  ["another type of key", "set", ["sextant:documents", "text"]],
])("%s where documents belong is damage", async (_what, command, args) => {
  await server.start();
  const admin = new Redis({ path: server.url.slice("redis+unix://".length) });
  await admin.flushall();
  await admin.call(command, ...args);
  const opened = await open();
  await expect(opened.load()).rejects.toMatchObject({ code: "store_corrupt" });
  await admin.flushall();
  await admin.quit();
});
