import { counter, type Family, gauge, histogram, LATENCY_BUCKETS, OUTAGE_BUCKETS } from "@sextant/metrics";

const PATH = ["host", "list"] as const;
const POLICY = ["host", "policy", "intent", "endpoint"] as const;

/** What an agent exports of its own host, in the order of its answer. Names differ from the controller's: both may be scraped. */
export const AGENT_FAMILIES = {
  info: gauge("sextant_agent_info", ["host", "version"], "Always 1; the version of the agent."),
  session: gauge(
    "sextant_agent_session_established",
    ["host"],
    "1 while the agent has a session with a controller, else 0.",
  ),
  entries: gauge(
    "sextant_agent_entries",
    ["host", "status"],
    "Entries of desired state, by status: installed, waiting, rejected.",
  ),
  driftRepairs: counter(
    "sextant_agent_drift_repairs_total",
    ["host"],
    "Kernel entries found changed by others and put right, since the agent started.",
  ),
  installSeconds: histogram(
    "sextant_agent_install_seconds",
    ["host"],
    "Time from a difference of desired state arriving until the kernel has it.",
    LATENCY_BUCKETS,
  ),
  packets: counter(
    "sextant_agent_packets_total",
    ["host", "reason"],
    "Packets by the reason that the packet path ended with; reasons that never happened are left out.",
  ),
  uplinkPackets: counter(
    "sextant_agent_uplink_packets_total",
    ["host", "interface"],
    "Packets steered out of an interface.",
  ),
  uplinkBytes: counter(
    "sextant_agent_uplink_bytes_total",
    ["host", "interface"],
    "IP bytes of the packets steered out of an interface, before the header was put on.",
  ),

  pathState: gauge(
    "sextant_agent_path_state",
    ["host", "list", "state"],
    "1 for the state that the path is in, 0 for the others: unproven, alive, dead. A path is one segment list.",
  ),
  pathWithheld: gauge(
    "sextant_agent_path_withheld",
    PATH,
    "1 while the path is not dead, but left alone as long as another one can be used.",
  ),
  pathRoundTrip: gauge("sextant_agent_path_round_trip_seconds", PATH, "Round trip of the last probe that returned."),
  pathRoundTripMean: gauge(
    "sextant_agent_path_round_trip_mean_seconds",
    PATH,
    "Mean round trip of the last 32 probes that returned.",
  ),
  pathJitter: gauge(
    "sextant_agent_path_jitter_seconds",
    PATH,
    "Mean difference between one round trip and the next, over the last 32 probes that returned.",
  ),
  pathLoss: gauge(
    "sextant_agent_path_loss_ratio",
    PATH,
    "Share of the last 100 probes of known fate that did not return, 0 to 1.",
  ),
  pathChanged: gauge(
    "sextant_agent_path_state_change_timestamp_seconds",
    PATH,
    "When the path's state changed last, in seconds since 1970.",
  ),
  pathStateChanges: counter(
    "sextant_agent_path_state_changes_total",
    PATH,
    "Changes of the path's state since the agent started.",
  ),
  pathProbesSent: counter("sextant_agent_path_probes_sent_total", PATH, "Probes sent on the path."),
  pathProbesReturned: counter("sextant_agent_path_probes_returned_total", PATH, "Probes that came back on the path."),
  pathTcpSegments: counter(
    "sextant_agent_path_tcp_segments_total",
    PATH,
    "Segments with data that TCP sent on the path, every sending of one.",
  ),
  pathTcpRetransmissions: counter(
    "sextant_agent_path_tcp_retransmissions_total",
    PATH,
    "Segments that TCP sent again on the path.",
  ),
  pathTcpSpurious: counter(
    "sextant_agent_path_tcp_spurious_retransmissions_total",
    PATH,
    "Segments that TCP sent again on the path though they had arrived, as the peer reported.",
  ),
  pathTcpRoundTrip: gauge(
    "sextant_agent_path_tcp_round_trip_seconds",
    PATH,
    "Mean round trip of TCP on the path over the last seconds; left out where there is too little traffic.",
  ),
  pathPackets: counter("sextant_agent_path_packets_total", PATH, "Packets steered onto the path."),
  pathBytes: counter(
    "sextant_agent_path_bytes_total",
    PATH,
    "IP bytes of the packets steered onto the path, before the header was put on.",
  ),
  pathTransitions: counter(
    "sextant_agent_path_transitions_total",
    ["host", "state", "reason"],
    "Changes of state or reason of all paths, by the new state and the reason for it; reason none when there is nothing special.",
  ),

  policyActive: gauge(
    "sextant_agent_policy_active_candidate",
    POLICY,
    "Candidate that packets take: 0 is the primary, -1 means that none can be used.",
  ),
  policyPackets: counter("sextant_agent_policy_packets_total", POLICY, "Packets that the policy steered."),
  policyBytes: counter(
    "sextant_agent_policy_bytes_total",
    POLICY,
    "IP bytes of the packets that the policy steered, before the header was put on.",
  ),
  policyOutage: histogram(
    "sextant_agent_policy_outage_seconds",
    ["host"],
    "How long policies were without a candidate that can be used; an outage is counted when it ends.",
    OUTAGE_BUCKETS,
  ),
} satisfies Record<string, Family>;
