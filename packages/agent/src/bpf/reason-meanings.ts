import type { REASONS } from "./reasons";

type Reason = (typeof REASONS)[number];

/**
 * What became of a packet: `unsteered` went on as it came, `steered` left with a header, `accepted` came in or went on as it
 * should, `answered` was turned into a message to its sender, `dropped` is gone.
 */
export type ReasonOutcome = "unsteered" | "steered" | "accepted" | "answered" | "dropped";

/** What an exit of the programs means. */
export interface ReasonMeaning {
  readonly direction: "egress" | "ingress";
  readonly outcome: ReasonOutcome;
  /** One line for people. */
  readonly meaning: string;
}

const MEANINGS: Readonly<Record<Reason, ReasonMeaning>> = {
  ...of("egress", "unsteered", {
    egress_not_ip: "neither IPv4 nor IPv6",
    egress_malformed: "headers cut off or inconsistent",
    egress_headers_exceeded: "more extension headers than are searched",
    vlan_tagged: "carries a VLAN tag of its own: the VLAN device is the uplink to steer on",
    local_scope: "multicast or link-local destination",
    neighbour_discovery: "neighbour discovery stays on the link",
    already_routed: "carries a routing header of its own",
    already_encapsulated: "carries an outer header of ours",
    no_match: "no rule takes it",
    policy_missing: "its rule names a policy that is not in the map",
    no_path_routed: "no candidate is alive: plain routing, as the intent says",
    source_foreign: "its source is outside the domain: the far end would refuse the header",
    forwarded_insert: "forwarded: only its source may insert a header, and the list has no outer one",
    ipv4_insert: "IPv4 has no place for an inserted header, and the list has no outer one",
    upper_layer_insert:
      "the far end would refuse this protocol behind an inserted header, and the list has no outer one",
    too_big_routed: "too big with the header: went on without, its sender was told earlier",
    too_big_untold: "too big with the header: went on without, its sender cannot be told",
    too_big_rate_limited: "too big with the header: went on without, too many messages just now",
    uplink_missing: "the interface of its list is gone",
    hop_by_hop_too_long: "hop-by-hop options too long to move in front of the header",
    room_refused: "the kernel gives this super-packet no room for a header",
  }),
  ...of("egress", "steered", {
    inserted: "a segment routing header was inserted",
    encapsulated: "an outer header was put on",
    inserted_redirected: "a segment routing header was inserted; leaves by the list's own uplink or neighbour",
    encapsulated_redirected: "an outer header was put on; leaves by the list's own uplink or neighbour",
  }),
  ...of("egress", "accepted", {
    probe_sent: "a probe of ours left",
    probe_redirected: "a probe of ours went over to its list's uplink",
  }),
  ...of("egress", "answered", {
    too_big_told: "too big with the header: its sender was told the size that fits, the packet went on without",
    too_big_dropped_told: "too big with the header: its sender was told the size that fits, the packet was dropped",
  }),
  ...of("egress", "dropped", {
    no_path_dropped: "no candidate is alive: dropped, as the intent says",
    too_big_dropped: "too big with the header: dropped, as the intent says",
    too_big_message_failed: "the message about its size could not be built",
    egress_write_failed: "the kernel ran out of memory half-way",
  }),
  ...of("ingress", "accepted", {
    ingress_not_ip: "neither IPv4 nor IPv6",
    ingress_plain: "nothing of ours on it",
    segments_lowered: "a SYN that now offers segments which fit the lists towards its sender",
    error_restored: "an ICMP error about a packet that we changed: quotes what the socket sent",
    turned_round: "segments left for this host's own SID: the kernel sends it on",
    srh_stripped: "arrived: its segment routing header was taken off",
    decapsulated: "arrived: its outer header was taken off",
    probe_returned: "a probe of ours came back, and was recorded",
  }),
  ...of("ingress", "answered", {
    srh_type_answered: "unknown routing type: answered with a Parameter Problem",
    srh_malformed_answered: "malformed segment routing header: answered with a Parameter Problem",
    upper_layer_answered: "this protocol may not end at our SID: answered with a Parameter Problem",
  }),
  ...of("ingress", "dropped", {
    probe_replayed: "a probe that came back before",
    probe_unsent: "a probe with a number that was never sent",
    probe_forged: "a probe with the wrong secret",
    probe_list_unknown: "a probe of a list that is not held",
    ingress_malformed: "headers cut off or inconsistent",
    ingress_headers_exceeded: "more extension headers than are searched",
    srh_type_refused: "unknown routing type",
    srh_malformed: "malformed segment routing header",
    srh_misplaced: "a second routing header, or one inside a fragment",
    srh_source_refused: "segment routing header from outside the domain",
    srh_not_for_host: "segment routing header for another node",
    srh_options_too_long: "options in front of the header too long to move",
    strip_refused: "the kernel does not take the header off this super-packet",
    upper_layer_refused: "this protocol may not end at our SID",
    decapsulation_source_refused: "outer header from outside the domain",
    decapsulation_fragment: "a fragment of an encapsulated packet",
    decapsulation_refused: "the kernel does not take the outer header off this super-packet",
    inner_malformed: "the packet inside is malformed",
    inner_routed: "the packet inside carries a routing header",
    inner_source_refused: "the sender may not bring this inner source",
    inner_scope_refused: "the packet inside has an address that must not leave a link",
    inner_turned_back: "the packet inside would leave again the way it came",
    inner_ecn_refused: "congestion was marked on a packet that cannot carry the mark (RFC 6040)",
    ingress_write_failed: "the kernel ran out of memory half-way",
  }),
};

const UNKNOWN: ReasonMeaning = {
  direction: "egress",
  outcome: "unsteered",
  meaning: "an exit that this version does not know",
};

/** What an exit means, by the name that its counter has. */
export function meaningOfReason(reason: string): ReasonMeaning {
  return Object.hasOwn(MEANINGS, reason) ? MEANINGS[reason as Reason] : UNKNOWN;
}

function of<R extends Reason>(
  direction: ReasonMeaning["direction"],
  outcome: ReasonOutcome,
  meanings: Readonly<Record<R, string>>,
): Record<R, ReasonMeaning> {
  const entries = Object.entries<string>(meanings).map(([reason, meaning]) => [
    reason,
    { direction, outcome, meaning },
  ]);
  return Object.fromEntries(entries) as Record<R, ReasonMeaning>;
}
