import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Panel, type VariableModel, VariableType } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dashboard } from "../build-dashboard";

/** deploy/ of the repository. */
export const DEPLOY = join(__dirname, "..", "..", "..", "..", "deploy");

/** The dashboards as they lie in deploy/, parsed, and nothing more. */
export function committedDashboards(): Dashboard[] {
  const directory = join(DEPLOY, "grafana", "dashboards");
  return readdirSync(directory).map((file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as Dashboard);
}

/** All panels of a dashboard; ours has no rows. */
export function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.filter((panel): panel is Panel => !("collapsed" in panel));
}

/** Every query of a panel. */
export function queriesOf({ title = "", targets = [] }: Panel): { readonly panel: string; readonly expr: string }[] {
  return targets.map((target) => ({ panel: title, expr: (target as unknown as { expr: string }).expr }));
}

/** Variables whose values are asked of Prometheus. */
export function queryVariablesOf({ templating }: Dashboard): (VariableModel & { readonly query: string })[] {
  return (templating.list ?? []).filter(
    (each): each is VariableModel & { query: string } =>
      each.type === VariableType.Query && typeof each.query === "string",
  );
}
