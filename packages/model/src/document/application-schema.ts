import { z } from "zod";
import { integer, portRanges, prefix } from "./fields";

/** Most source prefixes of one intent. */
const MAX_SOURCES = 64;
/** (uid_t) -1 is nobody's number: system calls use it for "unchanged". */
const MAX_USER_NUMBER = 0xffff_fffe;

/** IP protocols by name. IANA protocol numbers. */
const PROTOCOLS = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

/** Protocols whose headers open with two ports, as the packet path reads them: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** Code points by name: RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622. */
export const CODE_POINTS: Readonly<Record<string, number>> = {
  le: 1,
  ...{ cs0: 0, cs1: 8, cs2: 16, cs3: 24, cs4: 32, cs5: 40, cs6: 48, cs7: 56 },
  ...{ af11: 10, af12: 12, af13: 14, af21: 18, af22: 20, af23: 22 },
  ...{ af31: 26, af32: 28, af33: 30, af41: 34, af42: 36, af43: 38 },
  ...{ ef: 46, va: 44 },
};

/** A number, or one of its names. */
function numberOrName(names: Readonly<Record<string, number>>, low: number, high: number) {
  const words = Object.keys(names);
  const word = z.enum(words as [string, ...string[]]).transform((text) => names[text] ?? low);
  return z.union([word, integer(low, high)]);
}

const hasNoDots = (path: string) => !path.split("/").some((part) => part === "." || part === "..");

const cgroup = z
  .string()
  .regex(/^[^/\0]+(\/[^/\0]+)*$/, "must be a path below the cgroup root without leading or trailing '/'")
  .refine(hasNoDots, "must not contain '.' or '..'");
const systemdUnit = z
  .string()
  .max(255)
  .regex(
    /^[\w:.\\@-]+\.(service|slice|scope|socket|mount|swap)$/,
    "must be the name of a unit that has a cgroup, suffix included, like web.service",
  );
const container = z
  .string()
  .regex(/^[0-9a-f]{12,64}$/, "must be a container id: 12 to 64 digits 0-9 a-f, as its runtime lists it");
const user = z.union([
  z
    .string()
    .max(255)
    .regex(/^[^:\s\0/]+$/, "must be a user's name without ':', '/' or blanks"),
  integer(0, MAX_USER_NUMBER).transform(String),
]);
const executable = z
  .string()
  .max(4_095)
  .regex(/^(\/[^/\0]+)+$/, "must be the absolute path of a file")
  .refine(hasNoDots, "must not contain '.' or '..'");

/** Fields that each name a cgroup. */
const CGROUP_FIELDS = ["cgroup", "systemdUnit", "container"] as const;

/** True for protocols whose packets have ports. */
export function hasPorts(protocol: number): boolean {
  return WITH_PORTS.has(protocol);
}

/** `spec.application`: which packets of the source host are meant. */
export const application = z
  .strictObject({
    cgroup: cgroup.optional().describe("cgroup v2 path below the host's root; children included."),
    systemdUnit: systemdUnit
      .optional()
      .describe(
        "systemd unit as `systemctl` lists it, with its suffix and any escapes (`\\x2d`; not in double quotes, which YAML escapes itself), like `web.service`; its cgroup is looked for below the agent's cgroup root.",
      ),
    container: container.optional().describe("Container id, whole or at least its first 12 digits."),
    user: user.optional().describe("Name or number of the user that owns the socket."),
    executable: executable
      .optional()
      .describe(
        "Absolute path of the program that made the socket, as the agent sees it; links are followed. A container's program has a path below its mounted root.",
      ),
    protocol: numberOrName(PROTOCOLS, 1, 255)
      .optional()
      .describe("`tcp`, `udp`, `icmp`, `icmpv6`, `sctp` or a protocol number."),
    dscp: numberOrName(CODE_POINTS, 0, 63)
      .optional()
      .describe("Differentiated services code point, 0 to 63 or a name: `ef`, `af41`, `cs6`."),
    sources: z.array(prefix).max(MAX_SOURCES).prefault([]).describe("Source prefixes, IPv6 or IPv4; any when empty."),
    sourcePorts: portRanges.describe('Source ports, "8080" or "10000-20000".'),
    ports: portRanges.describe('Destination ports, "8080" or "10000-20000".'),
  })
  .superRefine((given, context) => {
    for (const field of ["sourcePorts", "ports"] as const) {
      if (given[field].length === 0 || given.protocol === undefined || hasPorts(given.protocol)) continue;
      const message = `packets of protocol ${given.protocol} have no ports, so that none would match: leave one of the two out`;
      context.addIssue({ code: "custom", path: [field], message });
    }
    const [first, second] = CGROUP_FIELDS.filter((field) => given[field] !== undefined);
    if (second === undefined) return;
    const message = `${first ?? ""} is given too, and each of the two names a cgroup: keep one`;
    context.addIssue({ code: "custom", path: [second], message });
  });
