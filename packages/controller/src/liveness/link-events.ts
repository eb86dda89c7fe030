import type { EventInput } from "../events/event";
import { directedLinkOf } from "../topology/directed-link";
import type { FlatGraph } from "../topology/flat-graph";
import type { LinkChange } from "./broken-links";
import type { SuspectedLink } from "./link-health-view";
import type { Cause } from "./localise";

/** Hosts that are named in a message; of the others there is the number. */
const MAX_NAMED = 3;

/** What is said of a suspect, and of what was found: which part broke, and who sees it. */
export function suspectText(flat: FlatGraph, cause: Cause, edges: readonly number[], hosts: readonly string[]): string {
  return `${causeText(flat, cause, edges)}: dead paths of ${namesText(hosts)} cross it, and nothing that works does`;
}

function causeText(flat: FlatGraph, cause: Cause, edges: readonly number[]): string {
  const [edge = -1] = edges;
  switch (cause.kind) {
    case "link":
      return edges.length === 1 ? `broken from ${directedLinkOf(flat, edge).from}` : "broken";
    case "direction":
      return `broken from ${directedLinkOf(flat, edge).from}, with nothing against the other way`;
    case "srlg":
      return `broken with all links of ${cause.srlg}`;
  }
}

function namesText(hosts: readonly string[]): string {
  const more = hosts.length - MAX_NAMED;
  return more > 0 ? `${hosts.slice(0, MAX_NAMED).join(", ")} and ${more} more hosts` : hosts.join(", ");
}

/** That a link may be broken; and of the host behind it that it is cut off, where that is what it comes to. */
export function suspicionEvents(link: string, { suspicion, message, cutOff }: SuspectedLink): EventInput[] {
  const likely = `${Math.round(suspicion * 100)} % likely: ${message}`;
  const suspected = {
    kind: "Link",
    object: link,
    severity: "warning",
    reason: "LinkSuspected",
    message: likely,
  } as const;
  if (cutOff === undefined) return [suspected];
  const alone = `cut off at its only link ${link}, or itself at fault: all paths over it are dead, and those of others are not`;
  return [suspected, { kind: "Host", object: cutOff, severity: "warning", reason: "HostCutOff", message: alone }];
}

/** How a broken direction goes on, as an event of its link. */
export function linkHealthEvent({ kind, link }: LinkChange, nowMs: number): EventInput {
  const about = { kind: "Link", object: link.link } as const;
  const where = `from ${link.from}`;
  const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
  switch (kind) {
    case "probation":
      return {
        ...about,
        reason: "LinkOnProbation",
        message: `works again ${where}: trusted when it has for ${seconds(link.probationMs)}`,
      };
    case "relapsed":
      return { ...about, reason: "LinkDown", severity: "warning", message: `broken ${where} again, on probation` };
    case "trusted":
      return {
        ...about,
        reason: "LinkUp",
        message: `works ${where} and can be used, after ${seconds(nowMs - link.sinceMs)}`,
      };
    case "tried_again":
      return { ...about, reason: "LinkUp", message: `used ${where} again, because no host is left that could tell` };
  }
}
