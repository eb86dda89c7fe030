// The dashboards as committed: what Grafana would trip over, and what would lead operators astray.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { parse } from "yaml";
import { generatedFiles } from "./generated-files";
import { JOBS, TAG, UIDS } from "./names";
import { alertRules } from "./rules";
import { committedDashboards, DEPLOY, panelsOf, queriesOf } from "./testing/committed";
import { schemaErrors } from "./testing/grafana-schema";

// The first schema takes a compiler some seconds.
jest.setTimeout(60_000);

const dashboards = committedDashboards();
const named = dashboards.map((dashboard) => [dashboard.uid ?? "", dashboard] as const);
const panels = dashboards.flatMap(panelsOf);
const deployed = (...path: string[]) => readFileSync(join(DEPLOY, ...path), "utf8");

/** Variables that Grafana itself defines. */
const BUILT_IN = new Set(["__rate_interval", "__url_time_range", "__field", "__data"]);

test.each([...generatedFiles()])("%s is what the code gives", (path, content) => {
  expect(deployed(path)).toBe(content);
});

describe("Grafana's published schema", () => {
  test.each(named)("%s", (_uid, dashboard) => {
    expect(schemaErrors("dashboard", withoutTargets(dashboard))).toEqual([]);
    for (const panel of panelsOf(dashboard)) expect([panel.title, ...panelErrors(panel)]).toEqual([panel.title]);
  });

  test.each([
    ["an unknown property", { titel: "x" }],
    ["a wrong type", { refresh: 10 }],
    ["a value that is none of the enumeration", { graphTooltip: 7 }],
  ])("tells %s", (_name, spoilt) => {
    expect(schemaErrors("dashboard", { ...withoutTargets(dashboards[0]), ...spoilt })).not.toEqual([]);
  });

  test.each([
    ["an unknown option", { options: { ...panels[0]?.options, colourMode: "value" } }],
    ["an option that is none of the enumeration", { options: { ...panels[0]?.options, colorMode: "loud" } }],
    ["a query without an expression", { targets: [{ refId: "A" }] }],
  ])("tells %s of a panel", (_name, spoilt) => {
    expect(panelErrors({ ...panels[0], ...spoilt } as Panel)).not.toEqual([]);
  });
});

test("uids are those that links name; ids of panels are unique", () => {
  expect(dashboards.map(({ uid }) => uid).sort()).toEqual(Object.values(UIDS).sort());
  for (const dashboard of dashboards) {
    const ids = panelsOf(dashboard).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(dashboard.tags).toContain(TAG);
  }
});

test("panels are described, have the dashboard's data source and queries of different names, and lie inside the grid", () => {
  for (const { title, description, datasource, targets = [], gridPos } of panels) {
    const refIds = targets.map((target) => (target as unknown as { refId: string }).refId);
    expect({ title, description, datasource, names: new Set(refIds).size }).toEqual({
      title,
      description: expect.stringMatching(/\.$/),
      datasource: { type: "prometheus", uid: "${datasource}" },
      names: refIds.length,
    });
    expect(refIds.length).toBeGreaterThan(0);
    expect((gridPos?.x ?? 0) + (gridPos?.w ?? 25)).toBeLessThanOrEqual(24);
  }
});

test("no two panels of a dashboard lie on each other", () => {
  for (const dashboard of dashboards) {
    const places = panelsOf(dashboard);
    const overlapping = places.filter((a, i) => places.slice(i + 1).some((b) => overlap(a, b)));
    expect(overlapping.map(({ title }) => title)).toEqual([]);
  }
});

test.each(named)("%s: every variable that is used is defined, and each defined one is used", (_uid, dashboard) => {
  const defined = (dashboard.templating.list ?? []).map(({ name }) => name);
  const used = new Set(variablesIn(JSON.stringify(dashboard)));
  expect([...used].filter((name) => !BUILT_IN.has(name) && !defined.includes(name))).toEqual([]);
  expect(defined.filter((name) => !used.has(name))).toEqual([]);
});

test.each(named)(
  "%s: links lead to dashboards that are there, and fill variables that these have",
  (_uid, dashboard) => {
    const urls = [...JSON.stringify(dashboard).matchAll(/"url":"(\/d\/[^"]+)"/g)].map(([, url = ""]) => url);
    for (const url of urls) {
      const [path = "", query = ""] = url.split("?");
      const target = dashboards.find(({ uid }) => path === `/d/${uid ?? ""}`);
      const variables = [...query.matchAll(/var-(\w+)=/g)].map(([, name]) => name);
      expect(target?.templating.list?.map(({ name }) => name).sort()).toEqual(variables.sort());
    }
  },
);

test("links take their values from labels that the queries of their panel keep", () => {
  for (const panel of panels) {
    const links = JSON.stringify(panel).matchAll(/\$\{__(?:field\.labels|data\.fields)\.(\w+)\}/g);
    const expressions = queriesOf(panel).map(({ expr }) => expr);
    const lost = [...links].filter(([, label = ""]) => !expressions.every((expr) => keeps(expr, label)));
    expect([panel.title, ...lost.map(([link]) => link)]).toEqual([panel.title]);
  }
});

test("the menu on top of each dashboard leads to all of them", () => {
  for (const { links = [] } of dashboards)
    expect(links.map(({ type, tags }) => [type, tags])).toEqual([["dashboards", [TAG]]]);
});

test("alerts name a dashboard whose variables are among their labels", () => {
  for (const { dashboard, measured } of alertRules) {
    const target = dashboards.find(({ uid }) => uid === UIDS[dashboard]);
    const variables = (target?.templating.list ?? []).map(({ name }) => name).filter((name) => name !== "datasource");
    expect(variables.filter((name) => !keeps(measured, name))).toEqual([]);
  }
});

test("provisioning: the data source's interval is the scrape interval, dashboards are where they are looked for", () => {
  const { datasources } = parse(deployed("grafana", "provisioning", "datasources", "sextant.yml"));
  const prometheus = parse(deployed("prometheus", "prometheus.yml"));
  expect(datasources[0].jsonData.timeInterval).toBe(prometheus.global.scrape_interval);
  expect(prometheus.scrape_configs).toMatchObject([{ job_name: JOBS.controller }, { job_name: JOBS.agent }]);
  const { providers } = parse(deployed("grafana", "provisioning", "dashboards", "sextant.yml"));
  expect(providers[0].options.path).toBe("/opt/sextant/deploy/grafana/dashboards");
});

/** The schema knows queries of panels only as something of some data source. */
function withoutTargets(dashboard: (typeof dashboards)[number] | undefined) {
  if (dashboard === undefined) throw new Error("there are no dashboards");
  return { ...dashboard, panels: panelsOf(dashboard).map(({ targets: _theirs, ...panel }) => panel) };
}

/** What is wrong with what a dashboard's own type leaves to kinds of panel and of data source. */
function panelErrors({ type, options, fieldConfig, targets = [] }: Panel): string[] {
  const kind = type as "stat" | "table" | "timeseries" | "state-timeline";
  return [
    ...schemaErrors(`${kind} options`, options),
    ...schemaErrors(`${kind} fields`, fieldConfig?.defaults.custom),
    ...targets.flatMap((target) => schemaErrors("query", target)),
  ];
}

/** Whether an expression aggregates by a label. */
function keeps(expr: string, label: string): boolean {
  return new RegExp(`by \\([^)]*\\b${label}\\b`).test(expr);
}

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  if (a === undefined || b === undefined) throw new Error("a panel has no place");
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function variablesIn(text: string): string[] {
  return [...text.matchAll(/\$(?:\{(\w+)|(\w+))/g)].map(([, braced, plain]) => braced ?? plain ?? "");
}
