// The dashboards as committed: what Grafana would trip over, and what would lead operators astray.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { parse } from "yaml";
import { generatedFiles } from "./generated-files";
import { TAG, UIDS } from "./names";
import { alertRules } from "./rules";
import { committedDashboards, DEPLOY, panelsOf, queriesOf } from "./testing/committed";
import { schemaErrors } from "./testing/grafana-schema";

const dashboards = committedDashboards();
const named = dashboards.map((dashboard) => [dashboard.uid ?? "", dashboard] as const);
const panels = named.flatMap(([uid, dashboard]) =>
  panelsOf(dashboard).map((panel) => [`${uid}: ${panel.title ?? ""}`, panel] as const),
);
const deployed = (...path: string[]) => readFileSync(join(DEPLOY, ...path), "utf8");

/** Variables that Grafana itself defines. */
const BUILT_IN = new Set(["__rate_interval", "__url_time_range", "__field", "__data"]);

test.each([...generatedFiles()])("%s is what the code gives", (path, content) => {
  expect(deployed(path)).toBe(content);
});

describe("Grafana's published schema", () => {
  test.each(named)("%s", (_uid, dashboard) =>
    expect(schemaErrors("dashboard", "Dashboard", withoutTargets(dashboard))).toEqual([]),
  );

  test.each(panels)("%s: what is left to the kind of panel", (_name, { type, options, fieldConfig, targets = [] }) => {
    expect(schemaErrors(type, "Options", options)).toEqual([]);
    // A stat has no settings of its own for fields.
    if (type !== "stat") expect(schemaErrors(type, "FieldConfig", fieldConfig?.defaults.custom)).toEqual([]);
    for (const target of targets) expect(schemaErrors("prometheus", "Dataquery", target)).toEqual([]);
  });

  test.each([
    ["an unknown property", { titel: "x" }],
    ["a wrong type", { refresh: 10 }],
    ["a value that is none of the enumeration", { graphTooltip: 7 }],
  ])("tells %s", (_name, spoilt) => {
    const [dashboard] = dashboards;
    expect(schemaErrors("dashboard", "Dashboard", { ...withoutTargets(dashboard), ...spoilt })).not.toEqual([]);
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

test.each(panels)("%s: described, with queries of different names, inside the grid", (_name, panel) => {
  expect(panel.description).toMatch(/\.$/);
  expect(panel.datasource).toEqual({ type: "prometheus", uid: "${datasource}" });
  const refIds = (panel.targets ?? []).map((target) => (target as unknown as { refId: string }).refId);
  expect(refIds.length).toBeGreaterThan(0);
  expect(new Set(refIds).size).toBe(refIds.length);
  const { x = 0, w = 0 } = panel.gridPos ?? {};
  expect(x + w).toBeLessThanOrEqual(24);
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
  for (const [name, panel] of panels) {
    const labels = [...JSON.stringify(panel).matchAll(/\$\{__(?:field\.labels|data\.fields)\.(\w+)\}/g)].map(
      ([, label = ""]) => label,
    );
    const expressions = queriesOf({ ...withoutTargets(dashboards[0]), panels: [panel] }).map(({ expr }) => expr);
    for (const label of labels) {
      const keeps = expressions.every((expr) => new RegExp(`by \\([^)]*\\b${label}\\b`).test(expr));
      expect([name, label, keeps]).toEqual([name, label, true]);
    }
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
    for (const name of variables) expect(measured).toMatch(new RegExp(`by \\([^)]*\\b${name}\\b`));
  }
});

test("provisioning: the data source's interval is the scrape interval, dashboards are where they are looked for", () => {
  const { datasources } = parse(deployed("grafana", "provisioning", "datasources", "sextant.yml"));
  const { global, scrape_configs: jobs } = parse(deployed("prometheus", "prometheus.yml"));
  expect(datasources[0].jsonData.timeInterval).toBe(global.scrape_interval);
  expect(jobs.map(({ job_name }: { job_name: string }) => job_name)).toEqual(["sextant-controller", "sextant-agent"]);
  const { providers } = parse(deployed("grafana", "provisioning", "dashboards", "sextant.yml"));
  expect(providers[0].options.path).toBe("/opt/sextant/deploy/grafana/dashboards");
});

/** The schema knows queries of panels only as something of some data source. */
function withoutTargets(dashboard: (typeof dashboards)[number] | undefined) {
  if (dashboard === undefined) throw new Error("there are no dashboards");
  return { ...dashboard, panels: panelsOf(dashboard).map(({ targets: _theirs, ...panel }) => panel) };
}

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  if (a === undefined || b === undefined) throw new Error("a panel has no place");
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function variablesIn(text: string): string[] {
  return [...text.matchAll(/\$(?:\{(\w+)|(\w+))/g)].map(([, braced, plain]) => braced ?? plain ?? "");
}
