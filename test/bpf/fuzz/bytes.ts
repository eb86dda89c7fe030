/** Whether the bits of an address at `offset` begin with those of a prefix. */
export function isWithin(frame: Buffer, offset: number, prefix: CompiledPrefix): boolean {
  const { bytes, length } = prefix;
  const whole = length >> 3;
  for (let i = 0; i < whole; i++) if (frame[offset + i] !== bytes[i]) return false;
  const rest = length & 7;
  return rest === 0 || (((frame[offset + whole] ?? 0) ^ (bytes[whole] ?? 0)) & (0xff00 >> rest) & 0xff) === 0;
}

export interface CompiledPrefix {
  readonly bytes: Buffer;
  readonly length: number;
}

export function isAt(frame: Buffer, offset: number, bytes: Buffer): boolean {
  return frame.compare(bytes, 0, bytes.length, offset, offset + bytes.length) === 0;
}

/** One's complement sum of 16-bit words, not complemented; a last odd byte counts as the first of its word. */
export function onesSum(frame: Buffer, from: number, to: number, start = 0): number {
  let sum = start;
  let at = from;
  for (; at + 1 < to; at += 2) sum += ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  if (at < to) sum += (frame[at] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** Sum of an upper layer of IPv6 and its pseudo header (RFC 8200 section 8.1); 0xffff when its checksum is right. */
export function upperSum(frame: Buffer, ip: number, upper: number, end: number, protocol: number): number {
  return onesSum(frame, upper, end, onesSum(frame, ip + 8, ip + 40, end - upper + protocol));
}
