import { z } from "zod";
import { isRoutableAddress, parseIpv6 } from "../ipv6";
import { parseIpv6Prefix } from "../ipv6-prefix";
import { METRICS } from "../intent";
import { ADJACENCY_FUNCTION_MAX, ADJACENCY_FUNCTION_MIN, NODE_ID_MAX, NODE_ID_MIN } from "../sid";

/** The document format `apiVersion: sextant.dev/v1`. Descriptions here become the reference page. */
export const API_VERSION = "sextant.dev/v1";

/** Most segments that a header may carry before the final destination; the packet path's maps are sized for it. */
export const MAX_SEGMENTS = 15;
/** Most backup candidates of one intent. */
const MAX_BACKUPS = 7;
/** Most prefixes that hosts accept segment routing headers from, the locator block not counted. */
export const MAX_HOST_PREFIXES = 4_095;
/** Most port ranges of one intent. */
const MAX_PORT_RANGES = 16;

const METRIC_MAX = 0xff_ffff;

const name = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/i,
    "must be 1 to 63 letters, digits, '-' or '.', starting and ending with a letter or digit",
  );
const labels = z.record(z.string(), z.string()).default({});
const address = z.string().transform((text, context) => {
  const parsed = parseIpv6(text);
  if (parsed !== undefined && isRoutableAddress(parsed)) return parsed;
  const fault = parsed === undefined ? "is not an IPv6 address" : "is no address that other nodes can send to";
  context.addIssue({ code: "custom", message: `"${text}" ${fault}` });
  return z.NEVER;
});
const prefix = z.string().transform((text, context) => {
  const parsed = parseIpv6Prefix(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: "custom",
    message: `"${text}" is not an IPv6 prefix like 2001:db8::/32 with its host bits zero`,
  });
  return z.NEVER;
});
const integer = (low: number, high: number) => z.int().min(low).max(high);

const metadata = z.strictObject({
  name: name.describe("Unique among documents of the kind."),
  labels: labels.describe("Free key-value pairs."),
});

const crossing = {
  igp: integer(0, METRIC_MAX).describe("IGP metric, which routers forward by; when absent 10, on access links 0."),
  te: integer(0, METRIC_MAX).describe("Traffic-engineering metric; the IGP metric when absent."),
  delayUs: z.number().min(0).max(60_000_000).describe("One-way delay in microseconds."),
  jitterUs: z.number().min(0).max(60_000_000).describe("Delay variation in microseconds."),
  lossPpm: z.number().min(0).max(1_000_000).describe("Lost packets per million."),
  capacityMbps: z.number().min(0).max(10_000_000).describe("Capacity in Mbit/s; unlimited when absent."),
};
const adjacencyFunction = integer(ADJACENCY_FUNCTION_MIN, ADJACENCY_FUNCTION_MAX).describe(
  "Function bits of the End.X SID, 0xe000 to 0xffff; derived from the link's name when absent.",
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
  addresses: z.array(address).max(64).prefault([]).describe("IPv6 addresses of a host."),
  prefixes: z.array(prefix).max(256).prefault([]).describe("Prefixes reached through this node."),
  labels: labels.describe("For selectors."),
  maxSegments: integer(1, MAX_SEGMENTS).default(10).describe("Most segments the node can put on a packet."),
});

const topologySpec = z.strictObject({
  locatorBlock: prefix.describe("F3216 block, a /32."),
  nodes: z.array(node).min(1).max(NODE_ID_MAX).describe("Routers and hosts."),
  links: z.array(link).max(500_000).default([]).describe("Links between them, each in both directions."),
  hostPrefixes: z
    .array(prefix)
    .min(1)
    .max(MAX_HOST_PREFIXES)
    .optional()
    .describe(
      "Prefixes that hold everything hosts own: sources whose segment routing headers hosts accept. Each host's own " +
        "addresses and prefixes when absent; large networks declare it.",
    ),
});

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmpv6: 58, sctp: 132 };
const protocol = z.union([
  z.enum(["tcp", "udp", "icmpv6", "sctp"]).transform((text) => PROTOCOLS[text] ?? 0),
  integer(1, 255),
]);

const portRange = z.union([z.string(), z.number()]).transform((value, context) => {
  const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(String(value));
  const first = Number(match?.[1]);
  const last = match?.[2] === undefined ? first : Number(match[2]);
  if (match !== null && first >= 1 && last <= 65_535 && first <= last) return { first, last };
  context.addIssue({ code: "custom", message: `"${value}" is not a port or a range "first-last" within 1-65535` });
  return z.NEVER;
});

const cgroup = z
  .string()
  .regex(/^[^/\0]+(\/[^/\0]+)*$/, "must be a path below the cgroup root without leading or trailing '/'")
  .refine((path) => !path.split("/").some((part) => part === "." || part === ".."), "must not contain '.' or '..'");

const hosts = z.array(z.string()).max(10_000).default([]).describe("Host names.");
const selectsSomething = (selector: Readonly<Record<string, object>>) =>
  Object.values(selector).some((choice) => Object.keys(choice).length > 0);
const application = z.strictObject({
  cgroup: cgroup.optional().describe("cgroup v2 path below the host's root; children included."),
  protocol: protocol.optional().describe("`tcp`, `udp`, `icmpv6`, `sctp` or a protocol number."),
  ports: z.array(portRange).max(MAX_PORT_RANGES).prefault([]).describe('Destination ports, "8080" or "10000-20000".'),
});

const constraints = z.strictObject({
  maxDelayMs: z.number().positive().max(60_000).optional().describe("One-way delay of the path at most this."),
  maxHops: integer(1, 255).optional().describe("Links on the path at most this, access links included."),
  minBandwidthMbps: z.number().positive().max(10_000_000).optional().describe("Every link has at least this capacity."),
  avoid: z
    .strictObject({
      nodes: z.array(z.string()).default([]).describe("Node names."),
      links: z.array(z.string()).default([]).describe("Link names."),
      srlgs: z.array(z.string()).default([]).describe("Every link of these shared-risk groups."),
    })
    .prefault({})
    .describe("What no candidate path may cross."),
  via: z
    .array(z.strictObject({ node: z.string().describe("Node name.") }))
    .max(MAX_SEGMENTS)
    .default([])
    .describe("Nodes to pass, in this order."),
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
      prefixes: z.array(prefix).max(1_000).prefault([]).describe("Destinations outside the hosts' own addresses."),
    })
    .refine(selectsSomething, "selects nothing: give hosts, labels or prefixes")
    .describe("Endpoints; each gives a policy of its own per source host."),
  application: application.prefault({}).describe("Which packets; everything when absent."),
  objective: z
    .strictObject({ minimize: z.enum(METRICS).describe("Metric whose sum along the path is to be smallest.") })
    .describe("What the path is optimised for."),
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
});

const serviceSpec = z.strictObject({
  type: z.string().min(1).describe("What the service does, for example `firewall`."),
  instances: z
    .array(
      z.strictObject({
        name: name.describe("Name of the instance."),
        node: z.string().describe("Router or host that it runs behind."),
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

export type DocumentKind = keyof typeof DOCUMENT_SCHEMAS;
export const DOCUMENT_KINDS = Object.keys(DOCUMENT_SCHEMAS) as readonly DocumentKind[];
export type TopologySpec = z.output<typeof topologySpec>;
export type IntentSpec = z.output<typeof intentSpec>;
export type ServiceSpec = z.output<typeof serviceSpec>;
