import { controllerCommand } from "./controller";

/** Options as a command line gives them, without running anything. */
function parsed(...args: string[]): Record<string, unknown> {
  const command = controllerCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  let options: Record<string, unknown> = {};
  command.action((given: Record<string, unknown>) => {
    options = given;
  });
  command.parse(args, { from: "user" });
  return options;
}

test("flags have the names and defaults of the reference", () => {
  expect(parsed()).toEqual({
    dataDir: "/var/lib/sextant/controller",
    store: "level",
    logLevel: "info",
    probeIntervalMs: 100,
    probeMultiplier: 3,
    reportIntervalMs: 1_000,
    minTerm: 1,
  });
});

test("--listen may be given several times", () => {
  const listen = ["127.0.0.1:7443", "unix:/run/sextant.sock"];
  expect(parsed("--listen", listen[0] ?? "", "--listen", listen[1] ?? "")).toMatchObject({ listen });
});

test.each([
  ["--log-level", "loud"],
  ["--probe-interval-ms", "fast"],
  ["--nonsense", "x"],
])("%s %s is refused", (...args) => {
  expect(() => parsed(...args)).toThrow();
});
