import type { Random } from "./random";
import { FRAME_BYTES_MAX } from "./generate";

const ETHERNET_BYTES = 14;
/** Numbers of headers that lead somewhere. */
const PROTOCOLS = [0, 4, 6, 17, 41, 43, 44, 58, 59, 60];

type Mutation = (frame: Buffer, random: Random) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  flipBits,
  cut,
  writeLength,
  renumber,
  moveHeaders,
  scramble,
  lengthen,
];

/** Spoils a frame in place, most often once; what comes out may be shorter or longer. */
export function mutate(frame: Buffer, random: Random): Buffer {
  let result = frame;
  for (let again = true; again; again = random.once(4)) result = random.pick(MUTATIONS)(result, random);
  return result;
}

/** Bits of the first headers, where it hurts, or of anything. */
function flipBits(frame: Buffer, random: Random): Buffer {
  const bound = random.once(3) ? frame.length : Math.min(frame.length, 160);
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(bound);
    frame[at] = (frame[at] ?? 0) ^ (1 << random.below(8));
  }
  return frame;
}

function cut(frame: Buffer, random: Random): Buffer {
  return frame.subarray(0, ETHERNET_BYTES + random.below(Math.max(1, frame.length - ETHERNET_BYTES)));
}

/** Payload and total lengths, header lengths, last entries: a small number, or a huge one, where one may be. */
function writeLength(frame: Buffer, random: Random): Buffer {
  const fields = [16, 17, 18, 19, 14, 55, 57, 58];
  const at = random.once(2) ? random.pick(fields) : ETHERNET_BYTES + random.below(160);
  if (at < frame.length) frame[at] = random.once(2) ? random.below(8) : random.below(256);
  return frame;
}

/** A Next Header field, or what may be one, says something else. */
function renumber(frame: Buffer, random: Random): Buffer {
  const at = random.once(2) ? 20 : 54 + 8 * random.below(16);
  if (at < frame.length) frame[at] = random.pick(PROTOCOLS);
  return frame;
}

/** A run of eight-byte units changes places with another: headers shuffled, lists torn. */
function moveHeaders(frame: Buffer, random: Random): Buffer {
  const units = (frame.length - 54) >> 3;
  if (units < 2) return frame;
  const bytes = 8 * (1 + random.below(Math.min(units - 1, 6)));
  const from = 54 + 8 * random.below(units - bytes / 8 + 1);
  const to = 54 + 8 * random.below(units - bytes / 8 + 1);
  frame.copyWithin(to, from, from + bytes);
  return frame;
}

function scramble(frame: Buffer, random: Random): Buffer {
  const from = ETHERNET_BYTES + random.below(Math.max(1, frame.length - ETHERNET_BYTES));
  random.fill(frame, from, Math.min(frame.length, from + 1 + random.below(64)));
  return frame;
}

/** Bytes behind the packet, as padding leaves them. */
function lengthen(frame: Buffer, random: Random): Buffer {
  const bytes = Math.min(random.below(64), FRAME_BYTES_MAX - frame.length);
  const longer = Buffer.from(frame.buffer, frame.byteOffset, frame.length + bytes);
  random.fill(longer, frame.length, longer.length);
  return longer;
}
