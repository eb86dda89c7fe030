/** A packet as tcpdump, which knows nothing of ours, has decoded it. */
export interface CapturedPacket {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly port: number;
  /** Bytes of IP payload: extension headers, transport header and data. */
  readonly payloadBytes: number;
  /** Undefined when the packet carries no SRH. */
  readonly srh: CapturedSrh | undefined;
  readonly tcp: boolean;
}

/** RFC 8754 section 2. */
export interface CapturedSrh {
  readonly segmentsLeft: number;
  /** In travel order, without the final destination: as `segmentLists` of an intent has them. */
  readonly segments: readonly string[];
  /** Segment List[0]. */
  readonly finalDestination: string;
}

const LENGTH = /payload length: (\d+)/;
const ROUTED =
  /\) (\S+) > (\S+): RT6 \(len=\d+, type=4, segleft=(\d+), last-entry=\d+, flags=\w+, tag=\w+, (\[0\][^)]*)\) (\d+) > (\d+): (.*)$/;
const PLAIN = /\) (\S+)\.(\d+) > (\S+)\.(\d+): (.*)$/;

/** Reads what `tcpdump -n -vv` printed for a UDP or TCP packet over IPv6; undefined for any other packet. */
function readPacket(line: string): CapturedPacket | undefined {
  const payloadBytes = Number(LENGTH.exec(line)?.[1] ?? Number.NaN);
  const routed = ROUTED.exec(line);
  if (routed !== null) {
    const [, source = "", destination = "", left = "", list = "", sourcePort, port, rest = ""] = routed;
    const [finalDestination = "", ...reversed] = list.split(", ").map((entry) => entry.replace(/^\[\d+\]/, ""));
    const srh = { segmentsLeft: Number(left), segments: reversed.reverse(), finalDestination };
    const ports = { sourcePort: Number(sourcePort), port: Number(port) };
    return { source, destination, ...ports, payloadBytes, srh, tcp: rest.startsWith("Flags") };
  }
  const plain = PLAIN.exec(line);
  if (plain === null) return undefined;
  const [, source = "", sourcePort, destination = "", port, rest = ""] = plain;
  const ports = { sourcePort: Number(sourcePort), port: Number(port) };
  return { source, destination, ...ports, payloadBytes, srh: undefined, tcp: rest.startsWith("Flags") };
}

/** The packets to a port among captured lines. */
export function packetsTo(port: number, lines: readonly string[]): CapturedPacket[] {
  return lines.flatMap((line) => readPacket(line) ?? []).filter((packet) => packet.port === port);
}

/** The different segment lists that packets carry, as `segmentLists` writes them, joined by spaces; "" for no SRH. */
export function listsOf(packets: readonly CapturedPacket[]): string[] {
  return [...new Set(packets.map(({ srh }) => srh?.segments.join(" ") ?? ""))].sort();
}
