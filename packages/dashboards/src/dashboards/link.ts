import { CONTROLLER_FAMILIES as C } from "@sextant/controller";
import { buildDashboard, variable } from "../build-dashboard";
import { TO_LINK, TO_PATH } from "../drill-down";
import { NO_YES, NONE_IS_GOOD, SUSPICION } from "../looks";
import { graphPanel, numberPanel, rowsPanel, statesPanel } from "../panels";
import { maxBy, select, sumBy } from "../promql";

const link = "$link";

/** One link, beside the others that are suspected. */
export const linkDashboard = () =>
  buildDashboard({
    key: "link",
    title: "Link",
    description:
      "Links that reports of hosts speak against: how sure that is, and since when they are kept out of paths.",
    variables: [variable("link", "Link", C.linkSuspicion)],
    panels: [
      numberPanel({
        title: "Suspicion",
        description: "How likely reports make it that the link is broken. Nothing is said of links without suspicion.",
        queries: [{ expr: maxBy(["link"], select(C.linkSuspicion, { link })) }],
        unit: "percentunit",
        thresholds: SUSPICION,
        span: 8,
        noValue: "none",
      }),
      numberPanel({
        title: "Kept out of paths",
        description: "Whether the link was found broken, or works again and is on probation.",
        queries: [{ expr: maxBy(["link"], select(C.linkLocalised, { link })) }],
        mappings: NO_YES,
        span: 8,
        noValue: "no",
      }),
      numberPanel({
        title: "Links down",
        description: "All links that are kept out of paths.",
        queries: [{ expr: sumBy([], select(C.linksDown)) }],
        thresholds: NONE_IS_GOOD,
        span: 8,
      }),
      graphPanel({
        title: "Suspicion of this link",
        description: "1: there is no other explanation. Less: one of several.",
        queries: [{ expr: maxBy(["link"], select(C.linkSuspicion, { link })), legend: "{{link}}" }],
        unit: "percentunit",
        thresholds: SUSPICION,
      }),
      graphPanel({
        title: "Suspicion of all links",
        description: "Links that explain why paths are dead.",
        queries: [{ expr: maxBy(["link"], select(C.linkSuspicion)), legend: "{{link}}" }],
        unit: "percentunit",
        drillDowns: [TO_LINK],
      }),
      statesPanel({
        title: "Kept out of paths",
        description: "Links that were found broken, until they are trusted again.",
        queries: [{ expr: maxBy(["link"], select(C.linkLocalised)), legend: "{{link}}" }],
        mappings: NO_YES,
        drillDowns: [TO_LINK],
      }),
      rowsPanel({
        title: "Dead paths",
        description: "Paths whose probes do not come back: what suspicion is computed from.",
        queries: [{ expr: `${maxBy(["host", "list"], select(C.pathState, { state: "dead" }))} == 1` }],
        columns: ["host", "list"],
        drillDowns: [TO_PATH],
        noValue: "none",
      }),
    ],
  });
