import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecResult } from "@sextant/lab";
import { parse, stringify } from "yaml";
import { eventually } from "./eventually";
import { prometheusProgram } from "./prometheus";

const DEPLOYED = join(__dirname, "..", "..", "deploy", "prometheus");
const ADDRESS = "127.0.0.1:9090";

/** Asks each expression of a list on standard input, and prints how many finite samples each one gives and the first one's labels. */
const ASK = `
const expressions = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const answer = async (query) => {
  const response = await fetch("http://${ADDRESS}/api/v1/query", { method: "POST", body: new URLSearchParams({ query }) });
  const { status, error, data } = await response.json();
  if (status !== "success") return { error };
  const samples = data.result.filter(({ value }) => Number.isFinite(Number(value[1])));
  return { samples: samples.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) })) };
};
Promise.all(expressions.map(answer)).then((answers) => process.stdout.write(JSON.stringify(answers)));
`;

/** A sample of an instant vector. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What Prometheus gives for an expression: finite samples, or what it objects to. */
export type Answer = { readonly samples: readonly Sample[] } | { readonly error: string };

/** Where the server runs: a network namespace of its own, so its port is free. */
export interface Place {
  spawn(argv: readonly string[]): ChildProcess;
  exec(argv: readonly string[], input: string): Promise<ExecResult>;
}

/** A real Prometheus with the configuration and rules of deploy/, but other targets and a scrape each second. */
export class PrometheusServer {
  private constructor(
    private readonly place: Place,
    private readonly child: ChildProcess,
    private readonly directory: string,
  ) {}

  static async start(
    place: Place,
    targets: { controller: string; agents: readonly string[] },
  ): Promise<PrometheusServer> {
    const directory = mkdtempSync(join(tmpdir(), "sextant-prometheus-"));
    writeFileSync(join(directory, "prometheus.yml"), configuration(targets.controller));
    writeFileSync(join(directory, "agents.yml"), stringify([{ targets: targets.agents }]));
    const flags = [
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${ADDRESS}`,
      "--log.level=warn",
    ];
    const server = new PrometheusServer(place, place.spawn([prometheusProgram("prometheus"), ...flags]), directory);
    try {
      const all = targets.agents.length + 1;
      await eventually("Prometheus scrapes every target", async () => (await server.value("sum(up)")) === all, 30_000);
      return server;
    } catch (thrown) {
      await server.stop();
      throw thrown;
    }
  }

  /** Answers to expressions, in their order, of this moment. */
  async ask(expressions: readonly string[]): Promise<Answer[]> {
    const { status, stdout, stderr } = await this.place.exec(
      [process.execPath, "-e", ASK],
      JSON.stringify(expressions),
    );
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Answer[];
  }

  /** Samples of an expression. Throws when Prometheus objects to it. */
  async samples(expression: string): Promise<readonly Sample[]> {
    const [answer] = await this.ask([expression]);
    if (answer === undefined || "error" in answer) throw new Error(`${expression}: ${answer?.error ?? "no answer"}`);
    return answer.samples;
  }

  /** The value of the first sample. */
  async value(expression: string): Promise<number | undefined> {
    return (await this.samples(expression))[0]?.value;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.directory, { recursive: true });
  }
}

function configuration(controller: string): string {
  const deployed = parse(readFileSync(join(DEPLOYED, "prometheus.yml"), "utf8")) as {
    readonly rule_files: readonly string[];
    readonly scrape_configs: readonly object[];
  };
  const [first, ...others] = deployed.scrape_configs;
  return stringify({
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: deployed.rule_files.map((file) => join(DEPLOYED, file)),
    scrape_configs: [{ ...first, static_configs: [{ targets: [controller] }] }, ...others],
  });
}
