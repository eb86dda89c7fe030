import { networkInterfaces } from "node:os";
import { hasPorts, type IpAddress, isIpv4, parseIp, SextantError } from "@sextant/model";
import { type SocketQuestion, socketOf } from "./socket-of-process";
import type { TracedPacket } from "./traced-packet";

/** A packet as a person describes it. */
export interface TraceQuestion extends SocketQuestion {
  readonly src: string;
  readonly dst: string;
  /** Name or number. */
  readonly proto: string;
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
  readonly dscp?: number | undefined;
  /** IP bytes, header included. */
  readonly size?: number | undefined;
}

const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  dccp: 33,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
};
/** Long enough to be a packet, short enough to fit anywhere. */
const DEFAULT_BYTES = 100;

/**
 * The packet that is asked about. What does not come from an address of this host is forwarded. `mount` is where cgroup v2
 * is mounted. Throws SextantError `invalid_argument` that names the flag, `not_found` for a process, cgroup or file.
 */
export function packetOf(question: TraceQuestion, mount: string): TracedPacket {
  const source = address("--src", question.src);
  const destination = address("--dst", question.dst);
  if (isIpv4(source) !== isIpv4(destination)) throw invalid("--src and --dst are of different families");
  const protocol = protocolOf(question.proto);
  if (!hasPorts(protocol) && (question.sport ?? question.dport) !== undefined) {
    throw invalid(`--proto ${question.proto} has no ports: leave --sport and --dport out`);
  }
  return {
    source,
    destination,
    protocol,
    sourcePort: bounded("--sport", question.sport, 65_535),
    destinationPort: bounded("--dport", question.dport, 65_535),
    dscp: bounded("--dscp", question.dscp, 63) ?? 0,
    bytes: bounded("--size", question.size, 65_535) ?? DEFAULT_BYTES,
    socket: socketOf(question, mount),
    forwarded: !isOwn(source),
  };
}

function isOwn(source: IpAddress): boolean {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some((own) => parseIp(own.address) === source);
}

function protocolOf(text: string): number {
  const number = PROTOCOLS[text.toLowerCase()] ?? (/^\d{1,3}$/.test(text) ? Number(text) : 256);
  if (number > 255)
    throw invalid(`--proto ${text}: expected ${Object.keys(PROTOCOLS).join(", ")} or a number up to 255`);
  return number;
}

function address(flag: string, text: string): IpAddress {
  const parsed = parseIp(text);
  if (parsed === undefined) throw invalid(`${flag} ${text}: expected an IPv6 or IPv4 address`);
  return parsed;
}

function bounded(flag: string, value: number | undefined, max: number): number | undefined {
  if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= max)) {
    throw invalid(`${flag} ${value}: expected a whole number from 0 to ${max}`);
  }
  return value;
}

function invalid(message: string): SextantError {
  return new SextantError("invalid_argument", message);
}
