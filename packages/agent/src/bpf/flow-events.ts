/** What becomes of TCP flows whose bytes are not acknowledged, in the order of enum sxt_flow_event; with a line for people. */
export const FLOW_EVENTS = {
  tcp_moved: "left its list: nothing that it sent there was acknowledged",
  tcp_returned: "free to take the list again that it had left",
  tcp_move_undone: "its peer had received what it sent: back at once",
  tcp_move_limited: "silent, but it moved a moment ago, or too many others just did",
  tcp_no_other_list: "silent, but its policy has no other list that is alive",
  tcp_timeout_doubted: "timed out, which loss explains: stays",
  tcp_probes_contradict: "silent, but the probes of its list come back: stays",
  tcp_not_kept: "no memory for what is kept of it: stays",
} as const;

export type FlowEvent = keyof typeof FLOW_EVENTS;

/** What an event means, by the name that its counter has. */
export function meaningOfFlowEvent(event: string): string {
  return Object.hasOwn(FLOW_EVENTS, event)
    ? FLOW_EVENTS[event as FlowEvent]
    : "an event that this version does not know";
}

/** Their names as the counters have them. */
export const FLOW_EVENT_NAMES = Object.keys(FLOW_EVENTS) as readonly FlowEvent[];
