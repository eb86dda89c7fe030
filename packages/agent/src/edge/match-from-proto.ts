import type { DesiredMatch, PortRange } from "@sextant/model";
import type { Match, PortRange as WirePortRange } from "@sextant/proto";
import { prefixFromProto } from "./address-from-proto";
import { check, count, Malformed } from "./malformed";

/** Bounds on one match. What a host can install is narrower and judged later. */
const MATCH_LIMITS = {
  prefixes: 1_024,
  portRanges: 64,
  dnsNames: 64,
  /** Of a path in bytes: PATH_MAX. */
  pathCharacters: 4_095,
  /** Of a file name: NAME_MAX. */
  nameCharacters: 255,
} as const;

/** Ids of containers are 64 hex digits; fewer than 12 are not told apart by people either. */
const CONTAINER = /^[0-9a-f]{12,64}$/;
const DNS_NAME =
  /^(?=.{1,254}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$/;

/** Reads a match; one that could match nothing, or means something else than it says, is malformed. Throws Malformed. */
export function matchFromProto(match: Match | undefined): DesiredMatch {
  if (match === undefined) throw new Malformed("a policy needs a match");
  count("destinations", match.destinations.length, match.dnsNames.length > 0 ? 0 : 1, MATCH_LIMITS.prefixes);
  count("sources", match.sources.length, 0, MATCH_LIMITS.prefixes);
  count("DNS names", match.dnsNames.length, 0, MATCH_LIMITS.dnsNames);
  check(match.protocol <= 255, `protocol ${match.protocol}: expected 0 to 255`);
  check((match.dscp ?? 0) <= 63, `dscp ${match.dscp ?? 0}: expected 0 to 63`);
  for (const name of match.dnsNames) check(DNS_NAME.test(name), `${JSON.stringify(name)} is no DNS name`);
  return {
    ...socketFields(match),
    protocol: match.protocol === 0 ? undefined : match.protocol,
    dscp: match.dscp,
    sources: match.sources.map(prefixFromProto),
    sourcePorts: portsFromProto("source port ranges", match.sourcePorts),
    destinations: match.destinations.map(prefixFromProto),
    dnsNames: [...match.dnsNames],
    ports: portsFromProto("port ranges", match.ports),
  };
}

type SocketFields = Pick<DesiredMatch, "cgroup" | "systemdUnit" | "container" | "user" | "executable">;

function socketFields({ cgroup, systemdUnit, container, user, executable }: Match): SocketFields {
  const { pathCharacters, nameCharacters } = MATCH_LIMITS;
  check(cgroup.length <= pathCharacters, "cgroup: too long");
  check(
    !cgroup.split("/").includes("..") && !cgroup.startsWith("/"),
    "cgroup: expected a path below the host's cgroup root",
  );
  check(isFileName(systemdUnit), `systemd unit ${JSON.stringify(systemdUnit)}: expected a name`);
  check(container === "" || CONTAINER.test(container), "container: expected 12 to 64 hexadecimal digits");
  check(
    user.length <= nameCharacters && !/[:\s]/.test(user),
    `user ${JSON.stringify(user)}: expected a name or number`,
  );
  check(
    executable === "" || (executable.startsWith("/") && executable.length <= pathCharacters),
    "executable: expected an absolute path",
  );
  return {
    cgroup: orUndefined(cgroup),
    systemdUnit: orUndefined(systemdUnit),
    container: orUndefined(container),
    user: orUndefined(user),
    executable: orUndefined(executable),
  };
}

function isFileName(text: string): boolean {
  return text.length <= MATCH_LIMITS.nameCharacters && !text.includes("/") && text !== "." && text !== "..";
}

function orUndefined(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function portsFromProto(what: string, wire: readonly WirePortRange[]): PortRange[] {
  count(what, wire.length, 0, MATCH_LIMITS.portRanges);
  return wire.map(({ first, last }) => {
    check(first <= last && last <= 65_535, `ports ${first}-${last}: expected a range within 0-65535`);
    return { first, last };
  });
}
