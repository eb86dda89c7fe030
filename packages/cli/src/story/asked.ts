import {
  type Application,
  type Constraints,
  type Goal,
  goalText,
  type Intent,
  type Liveness,
  METRICS,
  type PortRange,
  type Stop,
} from "@sextant/model";

const SUPERLATIVES = {
  delay: "the lowest delay",
  igp: "the lowest IGP cost",
  te: "the lowest TE cost",
  hops: "the fewest hops",
  jitter: "the lowest jitter",
  loss: "the lowest loss",
} as const;
const PROTOCOLS: Readonly<Record<number, string>> = { 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 132: "SCTP" };

/** What an intent asks for, as a person would say it. */
export function askedLines(intent: Intent): string[] {
  const { from, to, application, objective, constraints, protection, onNoPath, mode, pin, bidirectional } = intent;
  const bounds = constraintWords(constraints);
  return [
    `${applicationWords(application)} from ${selectorWords(from)} to ${selectorWords(to, [...to.prefixes, ...to.names.map(({ name, at }) => `${name} at ${at}`)])}`,
    `is to take the path with ${objective.map(goalWords).join(", then ")}${bounds.length === 0 ? "" : `: ${bounds.join("; ")}`}.`,
    protection.backups === 0
      ? "No backup is wanted."
      : `${protection.backups} ${protection.backups === 1 ? "backup" : "backups"} that ${protection.backups === 1 ? "shares" : "share"} no ${protection.disjoint === "srlg" ? "risk group" : protection.disjoint} with it.`,
    ...multipathLines(intent),
    ...reservationLines(intent.reservation),
    ...livenessLines(intent.liveness),
    ...(bidirectional ? ["The answers get paths of their own."] : []),
    ...(mode === "auto" ? [] : [`Lists go onto packets as ${mode}.`]),
    ...(pin === "strict" ? ["Lists name every link between routers: nothing is left to the IGP."] : []),
    onNoPath === "drop" ? "Without a usable path it is dropped." : "Without a usable path it goes by plain routing.",
  ];
}

function multipathLines({ multipath: { paths, weights, spread }, reservation }: Intent): string[] {
  if (paths === 1) return [];
  const unit = spread.kind === "flowlet" ? `flowlet (pauses of ${spread.gapUs} us)` : spread.kind;
  const shares = weights === "equal" ? "equally" : "by capacity";
  return [
    `Up to ${paths} paths share it by ${unit}, ${reservation === undefined ? shares : "by what links have left"}.`,
  ];
}

function reservationLines(reservation: Intent["reservation"]): string[] {
  if (reservation === undefined) return [];
  const { mbps, setupPriority, holdPriority } = reservation;
  const what = mbps === "measured" ? "What it is measured to need" : `${mbps} Mbit/s`;
  return [`${what} is reserved for each pair, set up with priority ${setupPriority} and held with ${holdPriority}.`];
}

function livenessLines(liveness: Liveness | undefined): string[] {
  if (liveness === undefined) return [];
  const { probeIntervalMs, multiplier, maxLossPercent, violationMs } = liveness;
  const rate = probeIntervalMs === undefined ? "" : ` every ${probeIntervalMs} ms`;
  const missing = multiplier === undefined ? "" : `, dead after ${multiplier} without an answer`;
  const probed = rate + missing === "" ? [] : [`Its paths are probed${rate}${missing}.`];
  const loss = maxLossPercent === undefined ? "" : `that loses more than ${maxLossPercent} %, or `;
  return [...probed, `A path ${loss}that is slower than asked, is left after ${violationMs} ms.`];
}

function applicationWords(application: Application): string {
  const { protocol, ports, sourcePorts, sources, dscp } = application;
  const what = protocol === undefined ? "Traffic" : (PROTOCOLS[protocol] ?? `Protocol ${protocol}`);
  const details = [
    ...(dscp === undefined ? [] : [`with DSCP ${dscp}`]),
    ...(sourcePorts.length === 0 ? [] : [`from ports ${sourcePorts.map(portWords).join(", ")}`]),
    ...(ports.length === 0 ? [] : [`to ports ${ports.map(portWords).join(", ")}`]),
    ...(sources.length === 0 ? [] : [`with sources in ${sources.join(", ")}`]),
    ...processWords(application),
  ];
  return [protocol === undefined && details.length === 0 ? "All traffic" : what, ...details].join(" ");
}

function processWords({ cgroup, systemdUnit, container, user, executable }: Application): string[] {
  return [
    ...(cgroup === undefined ? [] : [`of processes in ${cgroup}`]),
    ...(systemdUnit === undefined ? [] : [`of unit ${systemdUnit}`]),
    ...(container === undefined ? [] : [`of container ${container}`]),
    ...(user === undefined ? [] : [`of user ${user}`]),
    ...(executable === undefined ? [] : [`of program ${executable}`]),
  ];
}

function portWords({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function selectorWords(selector: Intent["from"], prefixes: readonly string[] = []): string {
  const labels = Object.entries(selector.labels).map(([key, value]) => `${key}=${value}`);
  const parts = [
    ...selector.hosts,
    ...(labels.length === 0 ? [] : [`hosts labelled ${labels.join(" and ")}`]),
    ...prefixes,
  ];
  return parts.join(", ");
}

function constraintWords(constraints: Constraints): string[] {
  const { avoid, include, affinity, algorithm, via } = constraints;
  const bounds = BOUND_WORDS.flatMap(([name, words]) => {
    const value = constraints[name];
    return value === undefined ? [] : words(value);
  });
  const lists: [readonly string[], string][] = [
    [avoid.nodes, "not through"],
    [avoid.links, "not over"],
    [avoid.srlgs, "nothing of risk group"],
    [[...include.nodes, ...include.links], "across"],
    [include.srlgs, "over some link of risk group"],
    [affinity.any, "links of affinity"],
    [affinity.none, "no link of affinity"],
  ];
  return [
    ...bounds,
    ...lists.flatMap(([names, words]) => (names.length === 0 ? [] : `${words} ${names.join(", ")}`)),
    ...(affinity.all.length === 0 ? [] : [`links of affinity ${affinity.all.join(" and ")}`]),
    ...(algorithm === undefined ? [] : [`by SIDs of algorithm ${algorithm} alone`]),
    ...(via.length === 0 ? [] : [`by way of ${via.map(stopWords).join(", then ")}`]),
  ];
}

const BOUND_WORDS = [
  ["maxDelayMs", (value: number) => `at most ${value} ms`],
  ["maxJitterMs", (value: number) => `jitter of at most ${value} ms`],
  ["maxLossPercent", (value: number) => `loss of at most ${value} %`],
  ["maxIgp", (value: number) => `IGP cost of at most ${value}`],
  ["maxHops", (value: number) => `at most ${value} hops`],
  ["minBandwidthMbps", (value: number) => `links of at least ${value} Mbit/s`],
] as const;

function stopWords(stop: Stop): string {
  return "node" in stop ? stop.node : `some ${stop.service}`;
}

function goalWords(goal: Goal): string {
  if (goal.kind === "bottleneck") return goal.of === "bandwidth" ? "the widest links" : "the least used links";
  const weighed = METRICS.filter((metric) => goal.weights[metric] !== undefined);
  if (weighed.length === 1) return weighed.map((metric) => SUPERLATIVES[metric]).join("");
  return `the lowest ${goalText(goal)}`;
}
