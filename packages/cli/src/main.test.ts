import { runMain as run } from "./testing/run-main";

describe("the command line", () => {
  test.each([
    ["no arguments: help", [], 0],
    ["help", ["--help"], 0],
    ["help of a command", ["apply", "--help"], 0],
    ["version", ["--version"], 0],
    ["versions", ["version", "-o", "json"], 0],
    ["unknown command", ["aply"], 2],
    ["unknown option", ["get", "intents", "--fast"], 2],
    ["missing argument", ["get"], 2],
    ["value that is not allowed", ["get", "intents", "-o", "xml"], 2],
    ["timeout that is none", ["get", "intents", "--timeout", "never"], 2],
    ["unknown kind", ["get", "intens"], 1],
    ["file that is not there", ["apply", "-f", "/absent/file.yaml"], 1],
    ["nothing to delete", ["delete"], 1],
    ["observed things are not deleted", ["delete", "path", "x"], 1],
    ["plaintext to another machine", ["get", "intents", "--server", "controller.example.com:7443"], 1],
    ["nobody listens", ["get", "intents", "--server", "unix:/absent.sock"], 4],
  ])("%s", async (_, args, code) => {
    expect((await run(...args)).code).toBe(code);
  });

  test("an error is one line on stderr; --debug adds the stack", async () => {
    const plain = await run("get", "intens");
    expect(plain.stdout).toBe("");
    expect(plain.stderr.trimEnd().split("\n")).toHaveLength(1);
    const debug = await run("get", "intens", "--debug");
    expect(debug.stderr).toContain("SextantError");
  });

  test.each(["apply", "get", "describe", "delete", "explain", "compute", "controller", "agent", "lab", "version"])(
    "%s has an example in its help",
    async (name) => {
      expect((await run(name, "--help")).stdout).toContain("Example");
    },
  );
});
