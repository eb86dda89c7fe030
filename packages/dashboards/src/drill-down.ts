import { DashboardLinkBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { UIDS, type VariableName } from "./names";

/** Another dashboard, and which label of a series (or column of a row) is the value of each of its variables. */
export interface DrillDown {
  readonly to: keyof typeof UIDS;
  readonly title: string;
  readonly variables: readonly VariableName[];
}

/** To the dashboards that look closer. */
export const TO_INTENT: DrillDown = { to: "intent", title: "Intent", variables: ["intent"] };
export const TO_HOST: DrillDown = { to: "host", title: "Host", variables: ["host"] };
export const TO_PATH: DrillDown = { to: "path", title: "Path", variables: ["host", "list"] };
export const TO_LINK: DrillDown = { to: "link", title: "Link", variables: ["link"] };

/** A link that keeps time range and data source, with values of a series' labels or of a row's columns. */
export function drillDownLink(from: "labels" | "row", { to, title, variables }: DrillDown): DashboardLinkBuilder {
  const value = (name: string) => (from === "labels" ? `\${__field.labels.${name}}` : `\${__data.fields.${name}}`);
  const parts = variables.map((name) => `var-${name}=${value(name)}`);
  const query = ["var-datasource=${datasource}", ...parts, "${__url_time_range}"].join("&");
  return new DashboardLinkBuilder(title).url(`/d/${UIDS[to]}?${query}`);
}
