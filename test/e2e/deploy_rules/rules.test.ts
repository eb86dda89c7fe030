// What Prometheus itself says of the configuration and the rules in deploy/prometheus.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlertRule, alertRules, UIDS } from "@sextant/dashboards";
import { promtool } from "../../support/prometheus";
import { ALERT_CASES, type AlertCase } from "./alert-cases";

const PROMETHEUS = join(__dirname, "..", "..", "..", "deploy", "prometheus");
const RULES = join(PROMETHEUS, "sextant.rules.yml");

const scratch = mkdtempSync(join(tmpdir(), "sextant-rules-"));
afterAll(() => rmSync(scratch, { recursive: true }));

test("promtool accepts the configuration and the rules", async () => {
  expect(await promtool("check", "config", join(PROMETHEUS, "prometheus.yml"))).not.toContain("FAILED");
  expect(await promtool("check", "rules", RULES)).toContain("SUCCESS");
});

test.each(alertRules.map(({ alert }) => alert))("%s is seen firing and silent", (alert) => {
  const cases = ALERT_CASES.filter((each) => each.alert === alert);
  expect(cases.some(({ fires }) => fires.length > 0)).toBe(true);
  expect(cases.some(({ fires }) => fires.length === 0)).toBe(true);
});

test("every case of an alert", async () => {
  const file = join(scratch, "cases.yml");
  writeFileSync(
    file,
    JSON.stringify({ rule_files: [RULES], evaluation_interval: "5s", tests: ALERT_CASES.map(testOf) }),
  );
  expect(await promtool("test", "rules", file)).toContain("SUCCESS");
});

test("promtool tells when an alert does not do what its case says", async () => {
  const [first] = ALERT_CASES;
  const file = join(scratch, "wrong.yml");
  const wrong = ALERT_CASES.slice(0, 1).map((each) => testOf({ ...each, fires: [] }));
  writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: "5s", tests: wrong }));
  await expect(promtool("test", "rules", file)).rejects.toThrow(first?.alert);
});

/** A case as promtool reads it. */
function testOf({ alert, course, series, at, fires, value = "" }: AlertCase): object {
  const rule = alertRules.find((each) => each.alert === alert);
  if (rule === undefined) throw new Error(`there is no alert ${alert}`);
  const expected = fires.map((labels) => ({
    exp_labels: { ...labels, severity: rule.severity },
    exp_annotations: annotations(rule, labels, value),
  }));
  return {
    name: `${alert}: ${course}`,
    interval: "5s",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: expected }],
  };
}

function annotations(rule: AlertRule, labels: Readonly<Record<string, string>>, value: string) {
  const filled = rule.summary.replace(/\{\{ \$(?:labels\.(\w+)|value) \}\}/g, (_all, name: string | undefined) =>
    name === undefined ? value : (labels[name] ?? ""),
  );
  return { summary: filled, description: rule.description, dashboard: UIDS[rule.dashboard] };
}
