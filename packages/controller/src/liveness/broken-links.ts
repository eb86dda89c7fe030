import type { DirectedLink } from "../topology/directed-link";

/** How long a link must work again before it is trusted; doubled each time that it breaks again soon after. */
const PROBATION_MS = 5_000;
const MAX_PROBATION_MS = 300_000;
/** A link that breaks again within this after it was trusted has relapsed. */
const RELAPSE_MS = 600_000;
/** A link that nobody can tell anything of is tried again after this. */
const UNOBSERVED_MS = 300_000;

/** What is known of a broken direction of a link at one moment: probes cross it, none do, or nobody can tell. */
export type Sight = "works" | "broken" | "unobserved";

/** One direction of a link that was found broken. */
export interface BrokenLink extends DirectedLink {
  /** Wall clock, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Who says so, for people. */
  readonly message: string;
  readonly probationMs: number;
  /** Since when probes have crossed it again without a break. */
  readonly worksSinceMs: number | undefined;
  readonly unobservedSinceMs: number | undefined;
}

/** What became of a direction. */
export interface LinkChange {
  readonly kind: "probation" | "relapsed" | "trusted" | "tried_again";
  readonly link: BrokenLink;
}

/**
 * The directions of links that are not to be used, from the finding that one is broken until it is trusted again, whether or not the topology
 * has them meanwhile. At most as many as the topologies of the last minutes have, and as many remembered ones.
 */
export class BrokenLinks {
  readonly #broken = new Map<string, BrokenLink>();
  /** Trusted again lately: when, and how long its probation was. */
  readonly #trusted = new Map<string, { readonly atMs: number; readonly probationMs: number }>();

  get all(): readonly BrokenLink[] {
    return [...this.#broken.values()];
  }

  has(link: DirectedLink): boolean {
    return this.#broken.has(nameOf(link));
  }

  /** Takes a direction for broken; nothing new when it is already. */
  break(link: DirectedLink, message: string, nowMs: number): boolean {
    const name = nameOf(link);
    if (this.#broken.has(name)) return false;
    const last = this.#trusted.get(name);
    const isRelapse = last !== undefined && nowMs - last.atMs <= RELAPSE_MS;
    const probationMs = isRelapse ? Math.min(2 * last.probationMs, MAX_PROBATION_MS) : PROBATION_MS;
    const unknown = { worksSinceMs: undefined, unobservedSinceMs: undefined };
    this.#broken.set(name, { link: link.link, from: link.from, sinceMs: nowMs, message, probationMs, ...unknown });
    return true;
  }

  /** Looks at every broken direction; says which have changed, and takes out those that can be used again. */
  observe(sightOf: (link: BrokenLink) => Sight, nowMs: number): LinkChange[] {
    for (const [name, { atMs }] of this.#trusted) if (nowMs - atMs > RELAPSE_MS) this.#trusted.delete(name);
    return [...this.#broken].flatMap(([name, link]) => {
      const { change, now } = step(link, sightOf(link), nowMs);
      if (now !== undefined) this.#broken.set(name, now);
      else {
        this.#broken.delete(name);
        this.#trusted.set(name, { atMs: nowMs, probationMs: link.probationMs });
      }
      return change === undefined ? [] : [{ kind: change, link: now ?? link }];
    });
  }
}

/** One look at one direction; `now` undefined: it can be used again. */
function step(
  link: BrokenLink,
  sight: Sight,
  nowMs: number,
): { readonly now: BrokenLink | undefined; readonly change?: LinkChange["kind"] } {
  switch (sight) {
    case "works": {
      const worksSinceMs = link.worksSinceMs ?? nowMs;
      if (nowMs - worksSinceMs >= link.probationMs) return { now: undefined, change: "trusted" };
      const now = { ...link, worksSinceMs, unobservedSinceMs: undefined };
      return link.worksSinceMs === undefined ? { now, change: "probation" } : { now };
    }
    case "broken": {
      const now = { ...link, worksSinceMs: undefined, unobservedSinceMs: undefined };
      return link.worksSinceMs === undefined ? { now } : { now, change: "relapsed" };
    }
    case "unobserved": {
      const unobservedSinceMs = link.unobservedSinceMs ?? nowMs;
      if (nowMs - unobservedSinceMs >= UNOBSERVED_MS) return { now: undefined, change: "tried_again" };
      return { now: { ...link, worksSinceMs: undefined, unobservedSinceMs } };
    }
  }
}

function nameOf({ link, from }: DirectedLink): string {
  return `${link} ${from}`;
}
