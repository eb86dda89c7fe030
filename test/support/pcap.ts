import { writeFileSync } from "node:fs";

const ETHERNET = 1;
const SNAP_BYTES = 65_535;

/** Writes Ethernet frames as a capture file; times are their numbers in microseconds. */
export function writePcap(file: string, frames: readonly Uint8Array[]): void {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_BYTES, 16);
  header.writeUInt32LE(ETHERNET, 20);
  const records = frames.flatMap((frame, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(index / 1_000_000), 0);
    record.writeUInt32LE(index % 1_000_000, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  writeFileSync(file, Buffer.concat([header, ...records]));
}
