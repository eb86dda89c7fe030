/** Bytes of a traffic packet before its padding: stream (4), sequence (4), send time in microseconds (8). */
export const PACKET_HEADER_BYTES = 16;

/** What a traffic packet says. */
export interface TrafficPacket {
  readonly stream: number;
  readonly sequence: number;
  readonly sentUs: number;
}

/** Writes the header into a buffer that is as long as the payload. */
export function writePacket(buffer: Buffer, { stream, sequence, sentUs }: TrafficPacket): void {
  buffer.writeUInt32BE(stream, 0);
  buffer.writeUInt32BE(sequence, 4);
  buffer.writeDoubleBE(sentUs, 8);
}

/** Reads a header; undefined when the payload is too short to be ours. */
export function readPacket(buffer: Buffer): TrafficPacket | undefined {
  if (buffer.length < PACKET_HEADER_BYTES) return undefined;
  return { stream: buffer.readUInt32BE(0), sequence: buffer.readUInt32BE(4), sentUs: buffer.readDoubleBE(8) };
}

/** The monotonic clock in microseconds: the same in every namespace of a machine. */
export function nowUs(): number {
  return Number(process.hrtime.bigint()) / 1_000;
}
