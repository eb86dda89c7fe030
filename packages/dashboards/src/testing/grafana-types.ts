import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";
import type { Options as StatPanelOptions } from "@grafana/grafana-foundation-sdk/stat";
import type * as stateTimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import type * as table from "@grafana/grafana-foundation-sdk/table";
import type * as timeSeries from "@grafana/grafana-foundation-sdk/timeseries";

/**
 * Grafana's published types under names of their own, one per kind of thing in our files: JSON schemas are made of them. What
 * Grafana leaves to the kind of panel is `any` in the dashboard's own type, so it has types here, too.
 */
export interface GrafanaTypes {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the format that every Grafana reads; its successor needs Grafana 12.
  readonly dashboard: Dashboard;
  /** Without the marker that tells the types of queries apart in TypeScript. */
  readonly query: Omit<Dataquery, "_implementsDataqueryVariant">;
  readonly "stat options": StatPanelOptions;
  /** A stat has no settings of its own for fields. */
  readonly "stat fields": undefined;
  readonly "timeseries options": timeSeries.Options;
  readonly "timeseries fields": timeSeries.FieldConfig;
  readonly "state-timeline options": stateTimeline.Options;
  readonly "state-timeline fields": stateTimeline.FieldConfig;
  readonly "table options": table.Options;
  readonly "table fields": table.FieldConfig;
}
