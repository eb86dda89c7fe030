/** A course of series and what an alert makes of it at a time. */
export interface AlertCase {
  readonly alert: string;
  readonly course: string;
  /** Series and its values every 5 s, in promtool's notation. */
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  /** Labels of each alert that fires, beside those that the rule itself gives; none: silence. */
  readonly fires: readonly Readonly<Record<string, string>>[];
  /** `$value` of the alerts. */
  readonly value?: string;
}

const POLICY = { host: "desk-1", intent: "calls", endpoint: "studio-1" };
const PATH = { host: "desk-1", list: "00112233aabbccdd" };
const [policy, path] = [POLICY, PATH].map((labels) => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.join(",");
});
const ACTIVE = `sextant_policy_active_candidate{${policy ?? ""},policy="p"}`;
const HAS_BACKUP = `sextant_policy_has_backup{${policy ?? ""},policy="p"}`;
const CANDIDATES = `sextant_policy_candidates{${policy ?? ""},policy="p"}`;
const CHANGED = `sextant_path_state_change_timestamp_seconds{${path ?? ""}}`;
const LOCALISED = 'sextant_link_localised{link="bru-fra"}';
const HOST_UP = 'sextant_host_up{host="desk-1"}';
const UP = 'up{job="sextant-controller",instance="a"}';
const UNPROTECTED = 'sextant_intents{condition="Protected",status="False"}';
const REJECTED = 'sextant_host_entries{host="desk-1",status="rejected"}';
const DROPPED = 'sextant_metrics_dropped_series{family="sextant_path_state"}';

/** Every alert: when it fires, and what is close to that and must not. */
export const ALERT_CASES: readonly AlertCase[] = [
  ...of("SextantIntentWithoutLivePath", [
    ["no candidate for 10 s", { [ACTIVE]: "0 0 -1 -1 -1 -1" }, "20s", [POLICY]],
    ["a gap between two evaluations", { [ACTIVE]: "0 0 -1 0 0 0" }, "20s", []],
    ["on its last backup", { [ACTIVE]: "0 0 2 2 2 2" }, "20s", []],
    ["over before", { [ACTIVE]: "-1 -1 -1 -1 0 0" }, "25s", []],
  ]),
  ...of("SextantLinkLocalised", [
    ["found", { [LOCALISED]: "0 0 1" }, "10s", [{ link: "bru-fra" }]],
    ["suspected only", { [LOCALISED]: "0x5", 'sextant_link_suspicion_ratio{link="bru-fra"}': "0.5x5" }, "20s", []],
    ["trusted again: no series", { [LOCALISED]: "1 1 stale" }, "20s", []],
  ]),
  ...of("SextantAgentGone", [
    ["for 35 s", { [HOST_UP]: "1 0x10" }, "40s", [{ host: "desk-1" }]],
    ["restarted in 20 s", { [HOST_UP]: "1 0 0 0 0 1x10" }, "40s", []],
    ["connected", { [HOST_UP]: "1x10" }, "40s", []],
  ]),
  ...of("SextantControllerGone", [
    ["does not answer", { [UP]: "1 0x10" }, "40s", [{}]],
    ["no target at all", { [HOST_UP]: "1x10" }, "40s", [{}]],
    ["one of two answers", { [UP]: "0x10", 'up{job="sextant-controller",instance="b"}': "1x10" }, "40s", []],
  ]),
  ...of("SextantPolicyWithoutBackup", [
    ["one of two candidates is dead", { [HAS_BACKUP]: "0x20", [CANDIDATES]: "2x20" }, "65s", [POLICY]],
    ["asks for no backup", { [HAS_BACKUP]: "0x20", [CANDIDATES]: "1x20" }, "65s", []],
    ["has a backup", { [HAS_BACKUP]: "1x20", [CANDIDATES]: "2x20" }, "65s", []],
    ["back within a minute", { [HAS_BACKUP]: "0x8 1x20", [CANDIDATES]: "2x20" }, "65s", []],
  ]),
  ...of("SextantIntentUnprotected", [
    ["two intents", { [UNPROTECTED]: "2x20" }, "65s", [{}], "2"],
    ["none", { [UNPROTECTED]: "0x20" }, "65s", []],
  ]),
  ...of("SextantPathFlapping", [
    ["a change every 5 s", { [CHANGED]: "100+5x10" }, "50s", [PATH]],
    ["down and up twice", { [CHANGED]: "100 105 110 115 115x20" }, "65s", []],
    ["six changes long ago", { [CHANGED]: "100+5x6 130x200" }, "15m", []],
  ]),
  ...of("SextantEntryRejected", [
    ["three entries", { [REJECTED]: "3x20" }, "65s", [{ host: "desk-1" }], "3"],
    ["entries wait", { [REJECTED]: "0x20", 'sextant_host_entries{host="desk-1",status="waiting"}': "9x20" }, "65s", []],
  ]),
  ...of("SextantMetricsTruncated", [
    ["series left out", { [DROPPED]: "12x5" }, "20s", [{}], "12"],
    ["nothing left out", { [HOST_UP]: "1x5" }, "20s", []],
  ]),
];

type Row = [
  course: string,
  series: AlertCase["series"],
  at: string,
  fires: AlertCase["fires"],
  ...value: [] | [value: string],
];

function of(alert: string, rows: readonly Row[]): AlertCase[] {
  return rows.map(([course, series, at, fires, value]) => ({
    alert,
    course,
    series,
    at,
    fires,
    ...(value === undefined ? {} : { value }),
  }));
}
