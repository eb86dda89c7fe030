import { maskedCrc32c } from "./crc32c";

const FOOTER_BYTES = 48;
/** Compression type (1) and CRC (4) after each block. */
const TRAILER_BYTES = 5;
/** Little endian, the last eight bytes of a table. */
const MAGIC = 0xdb4775248b80fb57n;

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/**
 * Finds the first damaged block of an uncompressed LevelDB table and returns its offset; undefined when all are sound.
 * LevelDB itself does not check tables on reading: an iteration over a damaged one just ends early.
 */
export function levelTableFault(bytes: Uint8Array): number | undefined {
  const footerAt = bytes.length - FOOTER_BYTES;
  if (footerAt < 0) return 0;
  const footer = bytes.subarray(footerAt);
  if (new DataView(footer.buffer, footer.byteOffset).getBigUint64(FOOTER_BYTES - 8, true) !== MAGIC) return footerAt;
  const metaindex = readHandle(footer, 0);
  const index = metaindex === undefined ? undefined : readHandle(footer, metaindex.next);
  if (metaindex === undefined || index === undefined) return footerAt;

  for (const directory of [metaindex.handle, index.handle]) {
    if (!isSound(bytes, directory)) return directory.offset;
    const handles = readDirectory(bytes.subarray(directory.offset, directory.offset + directory.size));
    if (handles === undefined) return directory.offset;
    const damaged = handles.find((handle) => !isSound(bytes, handle));
    if (damaged !== undefined) return damaged.offset;
  }
  return undefined;
}

function isSound(bytes: Uint8Array, { offset, size }: BlockHandle): boolean {
  const crcAt = offset + size + 1;
  if (offset + size + TRAILER_BYTES > bytes.length) return false;
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(crcAt, true);
  return stored === maskedCrc32c(bytes.subarray(offset, crcAt));
}

/** The values of a block of handles. Entries are shared length, own length, value length, key rest, value. */
function readDirectory(block: Uint8Array): BlockHandle[] | undefined {
  if (block.length < 4) return undefined;
  const restarts = new DataView(block.buffer, block.byteOffset, block.length).getUint32(block.length - 4, true);
  const end = block.length - 4 * (restarts + 1);
  const handles: BlockHandle[] = [];
  let at = 0;
  while (at < end) {
    const shared = readVarint(block, at);
    const own = shared && readVarint(block, shared.next);
    const valueLength = own && readVarint(block, own.next);
    if (own === undefined || valueLength === undefined) return undefined;
    const valueAt = valueLength.next + own.value;
    const read = readHandle(block, valueAt);
    if (read === undefined) return undefined;
    handles.push(read.handle);
    at = valueAt + valueLength.value;
  }
  return handles;
}

function readHandle(bytes: Uint8Array, at: number): { handle: BlockHandle; next: number } | undefined {
  const offset = readVarint(bytes, at);
  const size = offset && readVarint(bytes, offset.next);
  return offset && size && { handle: { offset: offset.value, size: size.value }, next: size.next };
}

/** Seven bits per byte, least significant first; values of a table fit a double. */
function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 7; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}
