import type { Dashboard } from "./build-dashboard";
import { controllerDashboard } from "./dashboards/controller";
import { hostDashboard } from "./dashboards/host";
import { intentDashboard } from "./dashboards/intent";
import { linkDashboard } from "./dashboards/link";
import { overview } from "./dashboards/overview";
import { pathDashboard } from "./dashboards/path";
import { rulesFile } from "./rules-file";

const DASHBOARDS = [overview, intentDashboard, hostDashboard, pathDashboard, linkDashboard, controllerDashboard];

/** Content of every generated file, by its path below deploy/. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const dashboards = DASHBOARDS.map((build) => build()).map(
    (dashboard) => [fileOf(dashboard), json(dashboard)] as const,
  );
  return new Map([...dashboards, ["prometheus/sextant.rules.yml", rulesFile()]]);
}

function fileOf({ uid }: Dashboard): string {
  return `grafana/dashboards/${uid ?? ""}.json`;
}

function json(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
