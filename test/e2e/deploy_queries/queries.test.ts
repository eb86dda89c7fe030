// Whatever a dashboard or a rule asks, a real Prometheus that scrapes a running network has an answer. The backbone and the intents
// of ../liveness_localised: bru-fra swallows packets and is localised; before that, desk-1 is cut off from everything for a while.
import { join } from "node:path";
import { alertRules, recordingRules } from "@sextant/dashboards";
import {
  committedDashboards,
  panelsOf,
  queriesOf,
  queryVariablesOf,
} from "../../../packages/dashboards/src/testing/committed";
import { eventually } from "../../support/eventually";
import { PrometheusServer } from "../../support/prometheus-server";
import { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(240_000);

const INTENTS = ["calls", "fellow", "over-frankfurt", "over-brussels"] as const;
const BROKEN = { a: "bru", b: "fra" };
const UPLINK = { a: "zrh", b: "desk-1" };
const FELLOW = { from: "desk-2", to: "studio-1", port: 5_001 } as const;

/** What Grafana puts in for its own variables; rates over 60 scrapes. */
const BUILT_IN = { __rate_interval: "60s" } as const;

let rig: Rig;
let prometheus: PrometheusServer | undefined;
beforeAll(async () => {
  const controllerFlags = ["--probe-interval-ms", "20"];
  rig = await Rig.up({ topology: "backbone", undelayed: true, controllerFlags, metrics: true });
  await rig.applyFile(join(__dirname, "..", "liveness_localised", "intents.yaml"));
  await rig.live(...INTENTS);
  const place = {
    spawn: (argv: readonly string[]) => rig.lab.spawn("desk-2", argv, { stdio: ["ignore", "inherit", "inherit"] }),
    exec: (argv: readonly string[], input: string) => rig.lab.exec("desk-2", argv, { input }),
  };
  const agents = rig.lab.hosts.map(({ name }) => rig.lab.metricsAddress(name));
  prometheus = await PrometheusServer.start(place, { controller: rig.lab.metricsAddress(), agents });
}, 120_000);
afterAll(async () => {
  await prometheus?.stop();
  await rig.down();
});

/** Something that is asked, and who asks it. */
interface Question {
  readonly who: string;
  readonly expr: string;
}

/** Everything that is asked, with values for the variables of dashboards. */
function questions(variables: Readonly<Record<string, string>>): Question[] {
  const fill = (expr: string) =>
    expr.replace(/\$(\w+)/g, (_all, name: string) => ({ ...variables, ...BUILT_IN })[name] ?? `no value for ${name}`);
  const dashboards = committedDashboards();
  const panels = dashboards.flatMap((dashboard) =>
    panelsOf(dashboard).flatMap((panel) =>
      queriesOf(panel).map(({ expr }) => ({ who: `${dashboard.uid ?? ""}: ${panel.title ?? ""}`, expr: fill(expr) })),
    ),
  );
  const ofVariables = dashboards.flatMap((dashboard) =>
    queryVariablesOf(dashboard).map(({ name, query }) => {
      const [, series = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      return { who: `${dashboard.uid ?? ""}: variable ${name}`, expr: `count by (${label}) (${fill(series)})` };
    }),
  );
  // As Prometheus has recorded them.
  const records = recordingRules.map(({ record }) => ({ who: record, expr: record }));
  // Without the comparison: what is measured has a value whether it is bad or not.
  const alerts = alertRules.map(({ alert, measured }) => ({ who: alert, expr: measured }));
  return [...panels, ...ofVariables, ...records, ...alerts];
}

/** Asks until everything has been answered, some time or other; gives what is left. */
class Inquiry {
  #open: readonly Question[];

  constructor(
    private readonly server: PrometheusServer,
    all: readonly Question[],
  ) {
    this.#open = all;
  }

  /** Asks what is open once more. Throws when Prometheus objects to an expression. */
  async go(): Promise<readonly Question[]> {
    const answers = await this.server.ask(this.#open.map(({ expr }) => expr));
    this.#open = this.#open.filter((question, index) => {
      const answer = answers[index];
      if (answer === undefined || "error" in answer)
        throw new Error(`${question.who}: ${question.expr}: ${answer?.error ?? ""}`);
      return answer.samples.length === 0;
    });
    return this.#open;
  }
}

/** `link` of none: whatever it is about. */
const firing = (alert: string, link?: string) =>
  `ALERTS{alertname="${alert}",alertstate="firing"${link === undefined ? "" : `,link="${link}"`}}`;

test("every query of every panel, variable and rule has an answer; two alerts fire and end", async () => {
  const server = prometheus;
  if (server === undefined) throw new Error("there is no Prometheus");
  const fires = (alert: string, link?: string) => async () => (await server.samples(firing(alert, link))).length > 0;
  const ends = (alert: string) => async () => (await server.samples(firing(alert))).length === 0;

  const [path] = await server.samples('sextant_policy_path_info{intent="fellow"}');
  const variables = {
    datasource: "",
    intent: "fellow",
    host: FELLOW.from,
    list: path?.labels["list"] ?? "",
    link: "bru-fra",
  };
  const inquiry = new Inquiry(server, questions(variables));
  const stream = await Stream.start(rig, FELLOW);
  const rising = 'rate(sextant_policy_bytes_total{intent="fellow"}[60s]) > 0';
  await eventually("traffic is seen", async () => (await server.samples(rising)).length > 0);
  await stream.end();

  // All paths of a host die, for longer than the alert waits; they come back, and the outage is counted.
  await rig.lab.linkBlackhole(UPLINK);
  await eventually("no path: it fires", fires("SextantIntentWithoutLivePath"), 30_000);
  await inquiry.go();
  await rig.lab.linkRestore(UPLINK);
  await eventually("it ends", ends("SextantIntentWithoutLivePath"), 30_000);

  // One link breaks and is found.
  await rig.lab.linkBlackhole(BROKEN);
  // The host's uplink may still be on probation.
  await eventually("a link is localised: it fires", fires("SextantLinkLocalised", "bru-fra"), 30_000);
  const left = async () => {
    const open = await inquiry.go();
    if (open.length === 0) return true;
    throw new Error(open.map(({ who, expr }) => `${who}: ${expr}`).join("\n"));
  };
  await eventually("everything has been answered", left, 30_000);
  expect(await server.value('sextant_link_suspicion_ratio{link="bru-fra"}')).toBe(1);

  await rig.lab.linkRestore(BROKEN);
  await eventually("it is trusted again", ends("SextantLinkLocalised"), 60_000);
});

test("a query without an answer is left over, one that is no PromQL is an error", async () => {
  const server = prometheus;
  if (server === undefined) throw new Error("there is no Prometheus");
  const unanswered = { who: "nobody", expr: 'sextant_host_up{host="nowhere"}' };
  const inquiry = new Inquiry(server, [unanswered, { who: "somebody", expr: "sextant_host_up" }]);
  expect(await inquiry.go()).toEqual([unanswered]);
  await expect(new Inquiry(server, [{ who: "nobody", expr: "sextant_host_up{" }]).go()).rejects.toThrow("nobody");
});
