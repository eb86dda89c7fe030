import { Registry } from "prom-client";
import { connect } from "node:net";
import { eventually } from "../../../test/support/eventually";
import { gauge } from "./family";
import { MAX_SCRAPES } from "./limits";
import { parseMetricsAddress } from "./metrics-address";
import { type MetricsServer, serveMetrics } from "./serve-metrics";
import { source } from "./source";

const ANY_PORT = parseMetricsAddress("127.0.0.1:0");
const SAMPLES = gauge("test_samples", ["n"], "Some.");

let server: MetricsServer | undefined;
afterEach(() => server?.close());

/** Serves a family of so many rows, and gives the address. */
async function serving(rows: () => Iterable<readonly [readonly [string], number]>): Promise<string> {
  const exports = { sources: () => [source(SAMPLES, rows)], registry: new Registry() };
  server = await serveMetrics(ANY_PORT, exports);
  return server.address;
}

test("GET /metrics: the text, with its type", async () => {
  const address = await serving(() => [[["1"], 1]]);
  const response = await fetch(`http://${address}/metrics?x=1`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await response.text()).toContain('test_samples{n="1"} 1\n');
});

test.each([
  ["GET", "/", 404],
  ["GET", "/metrics/", 404],
  ["GET", "/%2e%2e/etc/passwd", 404],
  ["POST", "/metrics", 405],
  ["DELETE", "/metrics", 405],
  ["POST", "/elsewhere", 404],
  ["HEAD", "/metrics", 200],
])("%s %s is answered with %d", async (method, path, status) => {
  const address = await serving(() => []);
  expect((await fetch(`http://${address}${path}`, { method })).status).toBe(status);
});

test("what is no HTTP is answered with 400, and the next one is served", async () => {
  const address = await serving(() => []);
  const socket = connect(Number(address.split(":")[1]), "127.0.0.1");
  socket.write("\u0016\u0003\u0001 hello\r\n\r\n");
  const answer = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
});

test("scrapes beyond the limit are told to come back, and are served when the others are done", async () => {
  const address = await serving(function* () {
    for (let i = 0; i < 200_000; i++) yield [[`${i}`.padStart(200, "0")], i];
  });
  // Readers that take nothing: their answers stay under way.
  const slow = Array.from({ length: MAX_SCRAPES }, () => {
    const socket = connect(Number(address.split(":")[1]), "127.0.0.1").pause();
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    return socket;
  });
  const status = async () => (await fetch(`http://${address}/metrics`, { method: "GET" }).then(drained)).status;
  await eventually("a scrape is refused", async () => (await status()) === 503);
  for (const socket of slow) socket.destroy();
  await eventually("a scrape is served", async () => (await status()) === 200);
});

async function drained(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}

test("a row that cannot be read ends the answer in the middle, not as if it were whole", async () => {
  const address = await serving(function* () {
    yield [["1"], 1];
    throw new Error("unreadable");
  });
  await expect(fetch(`http://${address}/metrics`).then((response) => response.text())).rejects.toThrow();
});

test("a port that is taken, an address of another machine", async () => {
  const exports = { sources: () => [], registry: new Registry() };
  const taken = await serving(() => []);
  await expect(serveMetrics(parseMetricsAddress(taken), exports)).rejects.toMatchObject({ code: "port_in_use" });
  await expect(serveMetrics(parseMetricsAddress("203.0.113.1:0"), exports)).rejects.toMatchObject({
    code: "invalid_argument",
  });
});

test.each([
  "",
  "9464",
  "localhost",
  "127.0.0.1:65536",
  "[127.0.0.1]:1",
  "::1:9464",
  "metrics.example:9464",
  "1.2.3.4:x",
])("--metrics %p is refused", (text) =>
  expect(() => parseMetricsAddress(text)).toThrow(expect.objectContaining({ code: "invalid_argument" })),
);
