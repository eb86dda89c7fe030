import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  type DataSourceRef,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DashboardLink,
  type DynamicConfigValue,
  type Panel,
  type Threshold,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as stateTimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as timeSeries from "@grafana/grafana-foundation-sdk/timeseries";
import { type DrillDown, drillDownLink } from "./drill-down";

/** The data source that the dashboard's variable names. */
export const DATASOURCE: DataSourceRef = { type: "prometheus", uid: "${datasource}" };

/** A query and what its series are called (Grafana's `{{label}}`). */
export interface Query {
  readonly expr: string;
  readonly legend?: string;
}

/** What every panel has. */
export interface PanelSpec {
  readonly title: string;
  /** Says what is seen and what to make of it. */
  readonly description: string;
  readonly queries: readonly Query[];
  /** Grafana's id of a unit: `s`, `percentunit`, `bps`, `pps`. */
  readonly unit?: string;
  /** The first step has the value null: from minus infinity. */
  readonly thresholds?: readonly Threshold[];
  readonly mappings?: readonly ValueMapping[];
  readonly drillDowns?: readonly DrillDown[] | undefined;
  /** Width in columns of 24. */
  readonly span?: number;
  /** Said in place of values when there are none. */
  readonly noValue?: string;
}

/** The part of the builders of all kinds of panel that is used for all of them. */
interface CommonBuilder {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: DataSourceRef): this;
  span(columns: number): this;
  height(rows: number): this;
  unit(unit: string): this;
  noValue(text: string): this;
  mappings(mappings: ValueMapping[]): this;
  thresholds(thresholds: Builder<ThresholdsConfig>): this;
  dataLinks(links: Builder<DashboardLink>[]): this;
  withTarget(target: DataqueryBuilder): this;
  overrideByName(name: string, properties: DynamicConfigValue[]): this;
}

const SHAPES = {
  number: { span: 4, height: 4 },
  graph: { span: 12, height: 8 },
  states: { span: 24, height: 8 },
  rows: { span: 24, height: 8 },
} as const;

/** One number, or one per series; or, for series that say what they say in a label, their names. */
export function numberPanel({
  show = "value",
  ...spec
}: PanelSpec & { readonly show?: "value" | "name" }): Builder<Panel> {
  const builder = new stat.PanelBuilder()
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(show === "name" ? BigValueTextMode.Name : BigValueTextMode.Auto);
  return withQueries(common(builder, spec, SHAPES.number), spec, (query) => query.instant());
}

/** Values over time. */
export function graphPanel(spec: PanelSpec): Builder<Panel> {
  const legend = new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.Table).placement(LegendPlacement.Bottom);
  const tooltip = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
  const builder = new timeSeries.PanelBuilder()
    .fillOpacity(10)
    .legend(legend.showLegend(true).calcs(["lastNotNull", "max"]))
    .tooltip(tooltip);
  return withQueries(common(builder, spec, SHAPES.graph), spec, (query) => query.range());
}

/** Which state each series was in, over time. */
export function statesPanel(spec: PanelSpec): Builder<Panel> {
  const builder = new stateTimeline.PanelBuilder().mergeValues(true).fillOpacity(80);
  return withQueries(common(builder, spec, SHAPES.states), spec, (query) => query.range());
}

/** Labels of series as rows; `columns` in their order, all others hidden. */
export function rowsPanel({ columns, ...spec }: PanelSpec & { readonly columns: readonly string[] }): Builder<Panel> {
  const builder = new table.PanelBuilder().withTransformation({ id: "merge", options: {} }).withTransformation({
    id: "filterFieldsByName",
    options: { include: { names: columns } },
  });
  for (const drillDown of spec.drillDowns ?? []) {
    const column = drillDown.variables.at(-1) ?? "";
    builder.overrideByName(column, [{ id: "links", value: [drillDownLink("row", drillDown).build()] }]);
  }
  return withQueries(common(builder, { ...spec, drillDowns: undefined }, SHAPES.rows), spec, (query) =>
    query.instant().format(PromQueryFormat.Table),
  );
}

function common<B extends CommonBuilder>(
  builder: B,
  spec: Omit<PanelSpec, "queries">,
  shape: { span: number; height: number },
): B {
  builder.title(spec.title).description(spec.description).datasource(DATASOURCE);
  builder.span(spec.span ?? shape.span).height(shape.height);
  if (spec.unit !== undefined) builder.unit(spec.unit);
  if (spec.noValue !== undefined) builder.noValue(spec.noValue);
  if (spec.mappings !== undefined) builder.mappings([...spec.mappings]);
  if (spec.drillDowns !== undefined) builder.dataLinks(spec.drillDowns.map((each) => drillDownLink("labels", each)));
  if (spec.thresholds === undefined) return builder;
  const thresholds = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...spec.thresholds]);
  return builder.thresholds(thresholds);
}

function withQueries<B extends CommonBuilder>(
  builder: B,
  { queries }: PanelSpec,
  shaped: (query: DataqueryBuilder) => DataqueryBuilder,
): B {
  for (const [index, { expr, legend }] of queries.entries()) {
    const query = shaped(new DataqueryBuilder()).datasource(DATASOURCE).expr(expr);
    builder.withTarget((legend === undefined ? query : query.legendFormat(legend)).refId(REF_IDS.charAt(index)));
  }
  return builder;
}

const REF_IDS = "ABCDEFGH";
