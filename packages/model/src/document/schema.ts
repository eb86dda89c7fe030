import { z } from "zod";
import { MODES, PINS } from "../intent";
import {
  ADJACENCY_FUNCTION_MAX,
  ADJACENCY_FUNCTION_MIN,
  DECAPSULATION_FUNCTION,
  NODE_ID_MAX,
  NODE_ID_MIN,
} from "../sid";
import { ALGORITHM_ID_MAX, ALGORITHM_ID_MIN, ALGORITHM_METRICS } from "../flexible-algorithm";
import { application } from "./application-schema";
import { constraints } from "./constraints-schema";
import { address, colours, integer, ipv6Prefix, labels, MAX_SEGMENTS, name, prefix } from "./fields";
import { objective } from "./objective-schema";
import { reservation } from "./reservation-schema";

/** The document format `apiVersion: sextant.dev/v1`. Descriptions here become the reference page. */
export const API_VERSION = "sextant.dev/v1";

/** Most backup candidates of one intent. */
const MAX_BACKUPS = 15;
/** Most paths that share the traffic of one policy. */
const MAX_PATHS = 32;
/** Longest pause that flowlets are told apart by, in microseconds. */
const MAX_FLOWLET_GAP_US = 10_000_000;
/** Most DNS names of one intent. */
const MAX_NAMES = 64;
/** Most binding SIDs of one topology. */
const MAX_BINDINGS = 10_000;
/** Most flexible algorithms of one topology: each costs routers and path computation another set of routes. */
const MAX_ALGORITHMS = 8;
/** Most prefixes that hosts accept segment routing headers from: with all locator blocks 4,096, which is what hosts' maps hold. */
export const MAX_HOST_PREFIXES = 4_095 - MAX_ALGORITHMS;

const METRIC_MAX = 0xff_ffff;

const metadata = z.strictObject({
  name: name.describe("Unique among documents of the kind."),
  labels: labels.describe("Free key-value pairs."),
  generation: z
    .unknown()
    .optional()
    .describe("How often the spec has changed; counted by the controller, ignored in what is applied."),
});

const crossing = {
  igp: integer(0, METRIC_MAX).describe("IGP metric, which routers forward by; when absent 10, on access links 0."),
  te: integer(0, METRIC_MAX).describe("Traffic-engineering metric; the IGP metric when absent."),
  delayUs: z.number().min(0).max(60_000_000).describe("One-way delay in microseconds."),
  jitterUs: z.number().min(0).max(60_000_000).describe("Delay variation in microseconds."),
  lossPpm: z.number().min(0).max(1_000_000).describe("Lost packets per million."),
  capacityMbps: z.number().min(0).max(10_000_000).describe("Capacity in Mbit/s; unlimited when absent."),
  utilisationPercent: z.number().min(0).max(1_000).describe("Share of the capacity that is taken; 0 when absent."),
};
const localFunction = integer(ADJACENCY_FUNCTION_MIN, ADJACENCY_FUNCTION_MAX).refine(
  (value) => value !== DECAPSULATION_FUNCTION,
  "0xff46 is the function of decapsulation SIDs: use another",
);
const adjacencyFunction = localFunction.describe(
  "Function bits of the End.X SID, 0xe000 to 0xffff without 0xff46; derived from the link's name when absent.",
);
const direction = z.strictObject({ ...crossing, adjacencyFunction }).partial();

const linkFields = {
  name: name.optional().describe("`a-b` when absent; parallel links need one."),
  ...z.strictObject(crossing).partial().shape,
  srlgs: z.array(z.string()).max(64).default([]).describe("Shared-risk link groups."),
  affinity: z.array(z.string()).max(64).default([]).describe("Administrative colours."),
  state: z.enum(["up", "down"]).default("up").describe("`down` takes the link out of every computation."),
  aToB: direction.optional().describe("Overrides for the direction a to b."),
  bToA: direction.optional().describe("Overrides for the direction b to a."),
};
const link = z.strictObject({
  a: z.string().describe("Node name."),
  b: z.string().describe("Node name."),
  ...linkFields,
});
const attachment = z.union([z.string(), z.strictObject({ node: z.string().describe("Router."), ...linkFields })]);

const algorithm = z.strictObject({
  name: name.describe("Unique in the topology; intents name it under `constraints.algorithm`."),
  id: integer(ALGORITHM_ID_MIN, ALGORITHM_ID_MAX).describe("Number of the algorithm in the IGP."),
  locatorBlock: ipv6Prefix.describe("F3216 block of its SIDs, a /32 of its own: node and function bits are the same."),
  metric: z
    .enum(ALGORITHM_METRICS)
    .default("igp")
    .describe("What its shortest ways are measured by; delay counts in whole microseconds."),
  exclude: colours("It uses no link that carries one of these."),
  includeAny: colours("It uses links that carry at least one of these; access links without any affinity pass."),
  includeAll: colours("It uses links that carry all of these; access links without any affinity pass."),
});

const node = z.strictObject({
  name: name.describe("Unique in the topology."),
  kind: z.enum(["router", "host"]).default("router").describe("A host is a leaf that carries no transit traffic."),
  nodeId: integer(NODE_ID_MIN, NODE_ID_MAX)
    .optional()
    .describe("Node bits of the locator. Required for routers; derived from the name for hosts that give none."),
  attachedTo: z
    .union([attachment, z.array(attachment).min(1).max(16)])
    .optional()
    .describe("Routers that a host hangs off. An access link costs IGP 0 and no delay unless it says otherwise."),
  addresses: z
    .array(address)
    .max(64)
    .prefault([])
    .describe("Addresses of a host, IPv6 and IPv4; at least one is IPv6."),
  prefixes: z.array(prefix).max(256).prefault([]).describe("Prefixes reached through this node."),
  labels: labels.describe("For selectors."),
  decapsulates: z
    .boolean()
    .optional()
    .describe(
      "Whether a host takes outer headers off (it announces a SID for that); true when absent. Routers never do.",
    ),
  maxSegments: integer(1, MAX_SEGMENTS).default(10).describe("Most segments the node can put on a packet."),
  algorithms: z
    .array(z.string())
    .max(MAX_ALGORITHMS)
    .optional()
    .describe("Flexible algorithms that the node takes part in; all when absent."),
});

const binding = z.strictObject({
  name: name.describe("Unique in the topology."),
  node: z.string().describe("Router that knows the SID."),
  function: localFunction.describe(
    "Function bits of the SID, 0xe000 to 0xffff without 0xff46, that no adjacency and no other binding of the node has.",
  ),
  path: z
    .array(z.string())
    .min(1)
    .max(MAX_SEGMENTS - 1)
    .describe("Link names in travel order, from the node on; all between routers."),
});

const topologySpec = z.strictObject({
  locatorBlock: ipv6Prefix.describe("F3216 block, a /32."),
  algorithms: z
    .array(algorithm)
    .max(MAX_ALGORITHMS)
    .default([])
    .describe("Flexible algorithms of the IGP (RFC 9350): each has its own metric, links and SIDs."),
  nodes: z.array(node).min(1).max(NODE_ID_MAX).describe("Routers and hosts."),
  links: z
    .array(link)
    .max(500_000)
    .default([])
    .describe(
      "Links between them, each in both directions: links with other names between the same nodes are parallel.",
    ),
  bindings: z
    .array(binding)
    .max(MAX_BINDINGS)
    .default([])
    .describe(
      "Binding SIDs (RFC 8402 section 5): at its node, each takes a packet over exactly its links, so that lists get shorter.",
    ),
  hostPrefixes: z
    .array(ipv6Prefix)
    .min(1)
    .max(MAX_HOST_PREFIXES)
    .optional()
    .describe(
      "Prefixes that hold everything hosts own: sources whose segment routing headers hosts accept. Each host's own " +
        "addresses and prefixes when absent; large networks declare it. IPv6: outer headers and probes have no other sources.",
    ),
  signing: z
    .strictObject({
      keyId: integer(1, 0xffff_ffff).describe("Number of the key; its secret is a file on each host and router."),
    })
    .optional()
    .describe("Sign every segment list with an HMAC (RFC 8754 section 2.1.2). Needs encapsulation."),
});

const hosts = z.array(z.string()).max(10_000).default([]).describe("Host names.");
const selectsSomething = (selector: Readonly<Record<string, object>>) =>
  Object.values(selector).some((choice) => Object.keys(choice).length > 0);
const dnsName = z
  .string()
  .max(253)
  .regex(
    /^(?!.*\.[0-9]+$)([a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?\.)+[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i,
    "must be a DNS name with a dot, like video.example.net",
  )
  .transform((text) => text.toLowerCase());
const namedEndpoint = z.strictObject({
  name: dnsName.describe("Resolved by each source host, with its own resolver."),
  at: z.string().describe("Node, host or router, behind which its addresses lie."),
});

const multipath = z.strictObject({
  paths: integer(1, MAX_PATHS).default(1).describe("Paths of the primary candidate, at most."),
  weights: z
    .enum(["equal", "capacity"])
    .default("equal")
    .describe(
      "Shares of the paths: equal, or in proportion to their narrowest links. With a reservation they are those that keep the " +
        "fullest link as empty as can be, whatever is given here.",
    ),
  spread: z
    .enum(["flow", "flowlet", "packet"])
    .default("flow")
    .describe("What shares the paths: whole flows, bursts of a flow, or single packets."),
  flowletGapUs: integer(1, MAX_FLOWLET_GAP_US)
    .default(500)
    .describe("Pause in microseconds after which a flow may change paths; for `flowlet`."),
});

const liveness = z.strictObject({
  probeIntervalMs: z
    .number()
    .min(1)
    .max(60_000)
    .optional()
    .describe("Time between probes of each path, in milliseconds; the host's setting when absent."),
  multiplier: integer(2, 10)
    .optional()
    .describe("A path is dead when this many probes in a row have not come back; the host's setting when absent."),
  maxLossPercent: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe("A path that loses more than this is left while there is another."),
  violationMs: integer(100, 60_000)
    .default(1_000)
    .describe("How long loss or delay must be beyond its bound before the path is left, in milliseconds."),
});

const intentSpec = z.strictObject({
  priority: integer(0, 65_535).default(100).describe("Higher wins when several intents match a packet."),
  from: z
    .strictObject({ hosts, labels: labels.describe("Hosts that carry all of these labels.") })
    .refine(selectsSomething, "selects nothing: give hosts, labels or both")
    .describe("Source hosts, by name, by labels (all must match), or both."),
  to: z
    .strictObject({
      hosts,
      labels: labels.describe("Hosts that carry all of these labels."),
      prefixes: z
        .array(prefix)
        .max(1_000)
        .prefault([])
        .describe("Destinations outside the hosts' own addresses, IPv6 or IPv4."),
      names: z.array(namedEndpoint).max(MAX_NAMES).prefault([]).describe("Destinations by DNS name."),
    })
    .refine(selectsSomething, "selects nothing: give hosts, labels, prefixes or names")
    .describe("Endpoints; each gives a policy of its own per source host."),
  application: application.prefault({}).describe("Which packets; everything when absent."),
  objective: objective.describe(
    "What the path is optimised for: one goal, or up to 8 in falling importance, each deciding where those before it are equal.",
  ),
  constraints: constraints.prefault({}).describe("What every candidate path must satisfy."),
  protection: z
    .strictObject({
      backups: integer(0, MAX_BACKUPS).default(1).describe("Backup candidates, installed beforehand."),
      disjoint: z
        .enum(["link", "node", "srlg"])
        .default("link")
        .describe("What a backup shares with no other candidate."),
    })
    .prefault({ backups: 0 })
    .describe("No backups when absent."),
  onNoPath: z
    .enum(["route", "drop"])
    .default("route")
    .describe("What becomes of the packets when no candidate is usable: plain routing, or nothing."),
  mode: z
    .enum(MODES)
    .default("auto")
    .describe(
      "How segment lists go onto packets: `insert` into the packet's own header chain, `encap` in an outer header with a " +
        "reduced SRH, `encap-full` with a full one, `usid` in an outer header with compressed SIDs; `auto` is what both ends " +
        "can do and the traffic needs.",
    ),
  pin: z
    .enum(PINS)
    .default("loose")
    .describe(
      "What segment lists depend on: `loose` lists are the shortest that take the path as the IGP is now; `strict` ones name " +
        "every link between routers, so that they take it whatever the IGP would choose.",
    ),
  multipath: multipath.prefault({}).describe("Several paths at once; one when absent."),
  reservation: reservation.optional().describe("Bandwidth that every policy is promised; none when absent."),
  liveness: liveness.optional().describe("How the paths are watched, and when one that still works is left."),
  bidirectional: z
    .boolean()
    .default(false)
    .describe("Whether the answering hosts get policies of their own for the way back."),
});

const serviceSpec = z.strictObject({
  type: z.string().min(1).describe("What the service does, for example `firewall`."),
  instances: z
    .array(
      z.strictObject({
        name: name.describe("Name of the instance."),
        node: z.string().describe("Router or host that it runs behind; intents go via instances behind routers."),
        state: z.enum(["up", "down"]).default("up").describe("`down` takes the instance out of every computation."),
      }),
    )
    .max(1_000)
    .describe("Where the service runs."),
});

const envelope = <K extends string, S extends z.ZodType>(kind: K, spec: S) =>
  z.strictObject({
    apiVersion: z.literal(API_VERSION).describe("Version of the format."),
    kind: z.literal(kind).describe("Which kind of document this is."),
    metadata: metadata.describe("What it is called."),
    spec: spec.describe("What is wanted."),
    status: z
      .unknown()
      .optional()
      .describe("What was observed; written by the controller, ignored in what is applied."),
  });

/** One schema per kind; the one place that knows the format. */
export const DOCUMENT_SCHEMAS = {
  Topology: envelope("Topology", topologySpec),
  Intent: envelope("Intent", intentSpec),
  Service: envelope("Service", serviceSpec),
} as const;

export const LIST_KIND = "List";
/** Several documents in one, as a controller writes them. */
export const LIST_SCHEMA = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal(LIST_KIND),
  items: z.array(z.unknown()),
});

export type DocumentKind = keyof typeof DOCUMENT_SCHEMAS;
export const DOCUMENT_KINDS = Object.keys(DOCUMENT_SCHEMAS) as readonly DocumentKind[];
export type TopologySpec = z.output<typeof topologySpec>;
export type IntentSpec = z.output<typeof intentSpec>;
export type ServiceSpec = z.output<typeof serviceSpec>;
