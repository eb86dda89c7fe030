import type { BrokenLink } from "./broken-links";

export type LinkHealthState = "suspected" | "down" | "probation";

/** What reports of hosts say of a link that is not simply up. */
export interface LinkHealthView {
  readonly state: LinkHealthState;
  /** In (0, 1]: how sure it is that the link is broken. */
  readonly suspicion: number;
  /** The nodes that the broken directions leave; both ends of a link that is suspected as a whole. */
  readonly from: readonly string[];
  /** Wall clock, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** When it will be trusted again if it goes on to work. */
  readonly trustedAtMs: number | undefined;
  /** Who says so, for people. */
  readonly message: string;
}

/** A link that may be broken: one of several that explain what was seen, or one that cannot be gone round. */
export interface SuspectedLink {
  readonly suspicion: number;
  readonly from: readonly string[];
  readonly sinceMs: number;
  readonly message: string;
  /** Host that is behind this link alone, where nothing else explains what was seen: it is cut off, the network is not at fault. */
  readonly cutOff: string | undefined;
}

/** What is to be said of each link that is not up, by name. */
export function linkViews(
  broken: readonly BrokenLink[],
  suspected: ReadonlyMap<string, SuspectedLink>,
): ReadonlyMap<string, LinkHealthView> {
  const views = new Map<string, LinkHealthView>();
  for (const [link, { suspicion, from, sinceMs, message }] of suspected) {
    views.set(link, { state: "suspected", suspicion, from, sinceMs, trustedAtMs: undefined, message });
  }
  for (const each of broken) views.set(each.link, withDirection(views.get(each.link), each));
  return views;
}

function withDirection(other: LinkHealthView | undefined, link: BrokenLink): LinkHealthView {
  const { from, sinceMs, worksSinceMs, probationMs, message } = link;
  const trustedAtMs = worksSinceMs === undefined ? undefined : worksSinceMs + probationMs;
  const state = trustedAtMs === undefined ? "down" : "probation";
  const one: LinkHealthView = { state, suspicion: 1, from: [from], sinceMs, trustedAtMs, message };
  if (other === undefined || other.state === "suspected") return one;
  return {
    ...one,
    state: state === "down" || other.state === "down" ? "down" : "probation",
    from: [...other.from, from].sort(),
    sinceMs: Math.min(sinceMs, other.sinceMs),
    trustedAtMs:
      trustedAtMs === undefined || other.trustedAtMs === undefined
        ? undefined
        : Math.max(trustedAtMs, other.trustedAtMs),
  };
}
