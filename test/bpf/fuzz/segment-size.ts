import { onesSum } from "./bytes";
import { followChain, IP, IP6_END } from "./header-chain";

const TCP = 6;
const SYN = 2;
const MSS = 2;

/**
 * Whether two frames are the same but for a lower MSS option in a SYN and a checksum that went along: the sum over the TCP
 * segment stays what it was, right or wrong.
 */
export function differInSegmentSizeOnly(before: Buffer, after: Buffer): boolean {
  const tcp = tcpOf(before);
  if (tcp === undefined || before.length !== after.length || ((before[tcp + 13] ?? 0) & SYN) === 0) return false;
  const options = tcp + 20 + 4 * ((before[tcp + 12] ?? 0) >> 4) - 20;
  const changed: number[] = [];
  for (let i = 0; i < before.length; i++) if (before[i] !== after[i]) changed.push(i);
  const values = changed.filter((at) => at < tcp + 16 || at > tcp + 17);
  const [first = 0] = values;
  const start = [first - 2, first - 3].find((at) => before[at] === MSS && before[at + 1] === 4);
  if (start === undefined || start < tcp + 20 || start + 4 > options) return false;
  if (values.some((at) => at < start + 2 || at > start + 3)) return false;
  const isLower = after.readUInt16BE(start + 2) < before.readUInt16BE(start + 2);
  return isLower && sameSum(onesSum(before, tcp, before.length), onesSum(after, tcp, after.length));
}

/** Both zeros of one's complement are one. */
function sameSum(a: number, b: number): boolean {
  return a % 0xffff === b % 0xffff;
}

function tcpOf(frame: Buffer): number | undefined {
  if (frame.readUInt16BE(12) === 0x0800) return frame[IP + 9] === TCP ? IP + 4 * ((frame[IP] ?? 0) & 15) : undefined;
  const chain = followChain(frame, IP6_END, IP + 6, frame[IP + 6] ?? 0);
  return typeof chain !== "string" && chain.protocol === TCP && chain.fragment !== "later" ? chain.offset : undefined;
}
