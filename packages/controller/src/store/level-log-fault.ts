import { maskedCrc32c } from "./crc32c";

/** Logs and manifests are read in blocks of this size; no record crosses a block's end. */
const BLOCK_BYTES = 32_768;
/** CRC (4), length (2, little endian), type (1). */
const HEADER_BYTES = 7;
const LAST_TYPE = 4;

/**
 * Finds the first damaged record of a LevelDB log or manifest and returns its offset; undefined when all are sound. A
 * record that the end of the file cuts off is no damage: it is a write that was under way, and was never acknowledged.
 */
export function levelLogFault(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (offset + HEADER_BYTES <= bytes.length) {
    const leftInBlock = BLOCK_BYTES - (offset % BLOCK_BYTES);
    if (leftInBlock < HEADER_BYTES) {
      offset += leftInBlock;
      continue;
    }
    const length = view.getUint16(offset + 4, true);
    const type = bytes[offset + 6] ?? 0;
    // Space that was preallocated and never written.
    if (type === 0 && length === 0 && view.getUint32(offset, true) === 0) return undefined;
    if (type === 0 || type > LAST_TYPE || HEADER_BYTES + length > leftInBlock) return offset;
    const end = offset + HEADER_BYTES + length;
    if (end > bytes.length) return undefined;
    if (view.getUint32(offset, true) !== maskedCrc32c(bytes.subarray(offset + 6, end))) return offset;
    offset = end;
  }
  return undefined;
}
