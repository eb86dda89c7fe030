import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Family } from "@sextant/metrics";
import { TAG, UIDS, type VariableName } from "./names";
import { DATASOURCE } from "./panels";
import { type Match, select } from "./promql";

/** A variable of a dashboard: the values that a label has in a family. */
export interface VariableSpec {
  readonly name: VariableName;
  readonly label: string;
  /** As Grafana's Prometheus data source reads it. */
  readonly query: string;
}

/** One variable per label of a family, named as the label. */
export function variable<L extends readonly string[]>(
  name: L[number] & VariableName,
  label: string,
  family: Family<L>,
  match: Match<L> = {},
): VariableSpec {
  return { name, label, query: `label_values(${select(family, match)}, ${name})` };
}

export interface DashboardSpec {
  readonly key: keyof typeof UIDS;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly VariableSpec[];
  readonly panels: readonly Builder<Panel>[];
}

/** A dashboard, its panels laid out in their order, with a menu that leads to the others. */
export function buildDashboard({ key, title, description, variables = [], panels }: DashboardSpec) {
  const menu = new DashboardLinkBuilder("Sextant").type(DashboardLinkType.Dashboards).tags([TAG]);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the format that every Grafana reads; its successor needs Grafana 12.
  const builder = new DashboardBuilder(`Sextant / ${title}`)
    .uid(UIDS[key])
    .description(description)
    .tags([TAG])
    .time({ from: "now-1h", to: "now" })
    .refresh("10s")
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(menu.asDropdown(true).keepTime(true).includeVars(true))
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"));
  for (const { name, label, query } of variables) {
    const each = new QueryVariableBuilder(name).label(label).datasource(DATASOURCE).query(query).definition(query);
    builder.withVariable(each.refresh(VariableRefresh.OnTimeRangeChanged).sort(VariableSort.AlphabeticalAsc));
  }
  for (const [index, panel] of panels.entries()) builder.withPanel(withId(panel, index + 1));
  return builder.build();
}

/** A dashboard as Grafana reads it from a file. */
export type Dashboard = ReturnType<typeof buildDashboard>;

/** Ids are what links to single panels name: they stay as long as the order does. */
function withId(panel: Builder<Panel>, id: number): Builder<Panel> {
  return { build: () => ({ ...panel.build(), id }) };
}
