import { type ControllerOptions, DEFAULT_DATA_DIR, parseConfig } from "./config";

test("defaults", () => {
  expect(parseConfig({})).toEqual({
    store: { kind: "level", dir: DEFAULT_DATA_DIR },
    listen: [{ kind: "tcp", text: "127.0.0.1:7443", host: "127.0.0.1", port: 7443 }],
    tls: undefined,
    minTerm: 1n,
    logLevel: "info",
    settings: { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 },
    maxSessions: 10_000,
    maxWatchers: 256,
    maxResources: 5_000,
  });
});

test.each([["redis://127.0.0.1:6379/0"], ["rediss://user:secret@redis.example.org"], ["redis+unix:///run/redis.sock"]])(
  "a store in Redis: %s",
  (store) => {
    expect(parseConfig({ store }).store).toEqual({ kind: "redis", url: store });
  },
);

test.each<[string, ControllerOptions]>([
  ["an unknown store", { store: "postgres://x" }],
  ["a store without an address", { store: "redis://" }],
  ["no address at all", { listen: [] }],
  ["an address that is none", { listen: ["here"] }],
  ["an unknown level", { logLevel: "loud" }],
  ["a probe interval below the least", { probeIntervalMs: 0 }],
  ["half a probe", { probeMultiplier: 2.5 }],
  ["no reports", { reportIntervalMs: 0 }],
  ["a term below the first", { minTerm: 0 }],
])("%s is refused", (_what, options) => {
  expect(() => parseConfig(options)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});
