import { z } from "zod";
import { colours, integer, MAX_SEGMENTS } from "./fields";

/** Most entries of `include` together: each doubles the states of a search. */
const MAX_INCLUDED = 6;

const names = (what: string) => z.array(z.string()).default([]).describe(what);

const stop = z
  .strictObject({
    node: z.string().optional().describe("Router name."),
    service: z
      .string()
      .optional()
      .describe("Service name: some instance of it that is up, whichever gives the best path."),
  })
  .refine(({ node, service }) => (node === undefined) !== (service === undefined), "give one of node and service");

/** What every candidate path of an intent must satisfy. */
export const constraints = z.strictObject({
  maxDelayMs: z.number().positive().max(60_000).optional().describe("One-way delay of the path at most this."),
  maxJitterMs: z
    .number()
    .positive()
    .max(60_000)
    .optional()
    .describe("Sum of the links' delay variations at most this."),
  maxLossPercent: z.number().min(0).max(100).optional().describe("Share of packets that the path loses at most this."),
  maxIgp: integer(0, 0xffff_ffff).optional().describe("IGP metric of the path at most this."),
  maxHops: integer(1, 255).optional().describe("Links on the path at most this, access links included."),
  minBandwidthMbps: z.number().positive().max(10_000_000).optional().describe("Every link has at least this capacity."),
  avoid: z
    .strictObject({
      nodes: names("Node names."),
      links: names("Link names."),
      srlgs: names("Every link of these shared-risk groups."),
    })
    .prefault({})
    .describe("What no candidate path may cross."),
  include: z
    .strictObject({
      nodes: names("Router names."),
      links: names("Link names, crossed either way."),
      srlgs: names("Of each of these shared-risk groups at least one link."),
    })
    .refine(
      ({ nodes, links, srlgs }) => nodes.length + links.length + srlgs.length <= MAX_INCLUDED,
      `must have at most ${MAX_INCLUDED} entries in all`,
    )
    .prefault({})
    .describe(`What every candidate path must cross, in any order; at most ${MAX_INCLUDED} entries in all.`),
  affinity: z
    .strictObject({
      any: colours("Each link carries at least one of these; access links without any affinity pass."),
      all: colours("Each link carries all of these; access links without any affinity pass."),
      none: colours("No link carries any of these."),
    })
    .prefault({})
    .describe("Administrative colours of the links on the path."),
  algorithm: z
    .string()
    .optional()
    .describe("Flexible algorithm: every link is in its topology, and segment lists use its SIDs alone."),
  via: z.array(stop).max(MAX_SEGMENTS).default([]).describe("Nodes and services to pass, in this order."),
});
