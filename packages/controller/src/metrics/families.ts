import { counter, type Family, gauge, histogram, LATENCY_BUCKETS, OUTAGE_BUCKETS } from "@sextant/metrics";

const PATH = ["host", "list"] as const;
const POLICY = ["host", "policy", "intent", "endpoint"] as const;

/** What a controller exports, in the order of its answer. */
export const CONTROLLER_FAMILIES = {
  info: gauge("sextant_controller_info", ["version"], "Always 1; the version of the controller."),
  term: gauge("sextant_controller_term", [], "Term of the controller: counts the starts on its store."),
  sessions: gauge("sextant_controller_sessions", [], "Agents with an open session."),
  sessionsMax: gauge("sextant_controller_sessions_max", [], "Most sessions that the controller takes."),
  computeSeconds: histogram(
    "sextant_controller_compute_seconds",
    [],
    "Time to compute the intents that a change touched, from documents in force to plans.",
    LATENCY_BUCKETS,
  ),
  pushSeconds: histogram(
    "sextant_controller_push_seconds",
    [],
    "Time from sending a difference of desired state to a host until the host has answered for it, installation included.",
    LATENCY_BUCKETS,
  ),

  hostUp: gauge(
    "sextant_host_up",
    ["host"],
    "1 while the host's agent has a session, else 0. One for each host of the topology.",
  ),
  hostReported: gauge(
    "sextant_host_report_timestamp_seconds",
    ["host"],
    "When the controller took the host's last report in, in seconds since 1970.",
  ),
  hostEntries: gauge(
    "sextant_host_entries",
    ["host", "status"],
    "Entries that the host holds, by status: installed, waiting, rejected. Only while its agent is connected.",
  ),
  hostPackets: counter(
    "sextant_host_packets_total",
    ["host", "reason"],
    "Packets at the host by the reason that its packet path ended with; reasons that never happened are left out.",
  ),
  hostUplinkPackets: counter(
    "sextant_host_uplink_packets_total",
    ["host", "interface"],
    "Packets steered out of an interface of the host.",
  ),
  hostUplinkBytes: counter(
    "sextant_host_uplink_bytes_total",
    ["host", "interface"],
    "IP bytes of the packets steered out of an interface, before the header was put on.",
  ),
  hostDriftRepairs: counter(
    "sextant_host_drift_repairs_total",
    ["host"],
    "Kernel entries that the agent found changed by others and put right.",
  ),

  pathState: gauge(
    "sextant_path_state",
    ["host", "list", "state"],
    "1 for the state that the path is in, 0 for the others: unproven, alive, dead. A path is one segment list of one host.",
  ),
  pathWithheld: gauge(
    "sextant_path_withheld",
    PATH,
    "1 while the path is not dead, but left alone as long as another one can be used.",
  ),
  pathReturnDead: gauge(
    "sextant_path_return_dead",
    PATH,
    "1 while one of two ways back swallows the path's probes and the other does not, else 0. Says nothing of a dead path.",
  ),
  pathRoundTrip: gauge("sextant_path_round_trip_seconds", PATH, "Round trip of the last probe that returned."),
  pathLoss: gauge(
    "sextant_path_loss_ratio",
    PATH,
    "Share of the last probes of known fate that did not return, 0 to 1.",
  ),
  pathChanged: gauge(
    "sextant_path_state_change_timestamp_seconds",
    PATH,
    "When the path's state changed last, in seconds since 1970.",
  ),
  pathProbesSent: counter("sextant_path_probes_sent_total", PATH, "Probes sent on the path."),
  pathProbesReturned: counter("sextant_path_probes_returned_total", PATH, "Probes that came back on the path."),
  pathPackets: counter("sextant_path_packets_total", PATH, "Packets steered onto the path."),
  pathBytes: counter(
    "sextant_path_bytes_total",
    PATH,
    "IP bytes of the packets steered onto the path, before the header was put on.",
  ),
  pathTransitions: counter(
    "sextant_path_transitions_total",
    ["state", "reason"],
    "Changes of path states that hosts reported, by the new state and the host's reason for it; reason none when there is nothing special.",
  ),

  policyPath: gauge(
    "sextant_policy_path_info",
    [...POLICY, "preference", "list"],
    "Always 1; which segment lists the candidates of a policy have. Joins paths with intents.",
  ),
  policyCandidates: gauge("sextant_policy_candidates", POLICY, "Candidate paths that the policy has."),
  policyCandidatesAlive: gauge(
    "sextant_policy_candidates_alive",
    POLICY,
    "Candidates of the policy with a path that is alive and not withheld. Only for hosts that have reported on it.",
  ),
  policyHasBackup: gauge(
    "sextant_policy_has_backup",
    POLICY,
    "1 when the policy has a candidate that can be used beside the one in use, else 0. Only for hosts that have reported on it.",
  ),
  policyActive: gauge(
    "sextant_policy_active_candidate",
    POLICY,
    "Candidate that packets take: 0 is the primary, -1 means that none can be used.",
  ),
  policyPackets: counter("sextant_policy_packets_total", POLICY, "Packets that the policy steered."),
  policyBytes: counter(
    "sextant_policy_bytes_total",
    POLICY,
    "IP bytes of the packets that the policy steered, before the header was put on.",
  ),
  policyOutage: histogram(
    "sextant_policy_outage_seconds",
    [],
    "How long policies were without a candidate that can be used, as reports tell; an outage is counted when it ends.",
    OUTAGE_BUCKETS,
  ),

  intentCondition: gauge(
    "sextant_intent_condition",
    ["intent", "condition", "status", "reason"],
    "Always 1; the present status (True, False, Unknown) of each condition of each intent, and why.",
  ),
  intents: gauge(
    "sextant_intents",
    ["condition", "status"],
    "Intents by condition (Accepted, Computed, Encoded, Protected, Pushed, Installed, Live) and its status (True, False, Unknown).",
  ),

  linkSuspicion: gauge(
    "sextant_link_suspicion_ratio",
    ["link"],
    "How likely reports make it that the link is broken, 0 to 1. Only links that are suspected.",
  ),
  linkLocalised: gauge(
    "sextant_link_localised",
    ["link"],
    "1 while the link is kept out of paths because it was found broken, probation included, else 0. Only links that are suspected.",
  ),
  linksDown: gauge(
    "sextant_links_down",
    [],
    "Links that are kept out of paths because they were found broken, in one direction or both, probation included.",
  ),

  linkReserved: gauge(
    "sextant_link_reserved_bits_per_second",
    ["link", "from"],
    "Bandwidth that intents have reserved on a link in the direction from that node. Only directions with reservations.",
  ),
  linkReservable: gauge(
    "sextant_link_reservable_bits_per_second",
    ["link", "from"],
    "What reservations of the worst priority leave of the link's capacity. Only directions with reservations and a stated capacity.",
  ),
  reservations: gauge(
    "sextant_reservations",
    ["state"],
    "Policies that ask for bandwidth: admitted, and refused for want of it or of a path.",
  ),
} satisfies Record<string, Family>;
