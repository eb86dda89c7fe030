import { type DesiredListProbing, type DesiredProbing, type HostSettings, PROBING_KEY } from "@sextant/model";
import type { EventSink } from "../events/event";
import { LinkHealth } from "../liveness/link-health";
import { ProbePlanner } from "../liveness/probe-planner";
import type { Host } from "./host";
import { observeHost } from "./observe-host";
import type { Plans } from "./plans";
import { SendGate } from "./send-gate";

/** New paths are computed when hosts know which links are broken, but not later than this. */
const MAX_SENDING_MS = 500;

/** What the health of links is judged from, and who hears of it. */
export interface LinkHealthSources {
  readonly plans: Plans;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly settings: HostSettings;
  readonly sink: EventSink;
  readonly nowMs: () => number;
  readonly onChange: () => void;
}

/** Link health over the plans and hosts of a controller. */
export function linkHealthOf({ plans, hosts, settings, sink, nowMs, onChange }: LinkHealthSources): LinkHealth {
  const gate = new SendGate(MAX_SENDING_MS);
  return new LinkHealth({
    snapshot: () => plans.snapshot,
    listsOf: (host) => plans.listsOf(host),
    reportsOf: (host) => {
      const seen = observeHost(hosts.get(host), settings, nowMs());
      return seen.stale ? undefined : seen.health?.paths;
    },
    rateOf: (host, list) => rateOf(hosts.get(host)?.probing ?? plannedProbing(plans, host), settings, list),
    retain: (host, lists) => plans.retain(host, lists),
    send: (host, down) => hosts.get(host)?.sendLinkState(down, gate.enter()),
    sink,
    nowMs,
    onChange: () => gate.whenClear(onChange),
  });
}

/** The plan of what is probed how often, over the same. */
export function probePlannerOf({
  plans,
  settings,
  onChange,
}: Pick<LinkHealthSources, "plans" | "settings" | "onChange">) {
  const planner = new ProbePlanner({
    probed: {
      hosts: () => plans.hosts(),
      policiesOf: (host) => plans.plannedOn(host),
      retainedOf: (host) => plans.retainedOf(host),
    },
    settings,
    onChange: (hosts) => {
      plans.probingChanged(hosts);
      onChange();
    },
  });
  plans.probingOf = (host, graph) => planner.entryOf(host, graph);
  return planner;
}

/** Entries stay the same object until something about them changes; a judgement asks for thousands of lists of one. */
const BY_LIST = new WeakMap<DesiredProbing, ReadonlyMap<string, DesiredListProbing>>();

/** What a host holds that has not been told anything by this controller: it had it already. */
function plannedProbing(plans: Plans, host: string): DesiredProbing | undefined {
  const entry = plans.desiredOf(host).get(PROBING_KEY)?.entry;
  return entry?.kind === "probing" ? entry : undefined;
}

/** As the host was told; its settings hold where it was told nothing. */
function rateOf(probing: DesiredProbing | undefined, settings: HostSettings, list: string) {
  const told = probing && byList(probing).get(list);
  return {
    intervalMs: told === undefined || told.intervalUs === 0 ? settings.probeIntervalMs : told.intervalUs / 1_000,
    multiplier: told === undefined || told.multiplier === 0 ? settings.probeMultiplier : told.multiplier,
  };
}

function byList(entry: DesiredProbing): ReadonlyMap<string, DesiredListProbing> {
  const known = BY_LIST.get(entry);
  if (known !== undefined) return known;
  const made = new Map(entry.lists.map((each) => [each.list as string, each]));
  BY_LIST.set(entry, made);
  return made;
}
