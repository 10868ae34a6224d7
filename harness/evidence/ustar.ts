/**
 * The one way in which a bundle writes a tar archive: POSIX ustar, plain files with mode 0644, no owner, no
 * time, two zero blocks at the end and nothing behind them. Everything but the content follows from the
 * names and sizes, so a reader can say of each byte what it must be.
 */

export const blockSize = 512;
/** Longest name that fits without the prefix field. */
export const maxName = 100;

/** Fields of a header: offset, length and the name under which a fault is reported. */
const fields = [
  [0, 100, "name"],
  [100, 8, "mode"],
  [108, 8, "uid"],
  [116, 8, "gid"],
  [124, 12, "size"],
  [136, 12, "mtime"],
  [148, 8, "checksum"],
  [156, 1, "type"],
  [157, 100, "link name"],
  [257, 8, "magic"],
  [265, 64, "owner names"],
  [329, 16, "device numbers"],
  [345, 167, "prefix and rest"],
] as const;

/** The header of a plain file. Throws for a name that does not fit: names are fixed by the format. */
export function ustarHeader(name: string, size: number): Uint8Array {
  const out = Buffer.alloc(blockSize);
  if (Buffer.byteLength(name) > maxName) throw new Error(`${name} is longer than ${maxName} bytes`);
  out.write(name, 0);
  out.write("0000644\0", 100);
  out.write("0000000\0", 108);
  out.write("0000000\0", 116);
  out.write(`${octal(size, 11)}\0`, 124);
  out.write("00000000000\0", 136);
  out.write("        ", 148);
  out.write("0", 156);
  out.write("ustar\0", 257);
  out.write("00", 263);
  out.write("0000000\0", 329);
  out.write("0000000\0", 337);
  const sum = out.reduce((total, byte) => total + byte, 0);
  out.write(`${octal(sum, 6)}\0 `, 148);
  return out;
}

/** The size that a header states, or undefined where none can be read. */
export function statedSize(header: Uint8Array): number | undefined {
  const digits = /^([0-7]{11})\0$/u.exec(Buffer.from(header.subarray(124, 136)).toString("latin1"))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** Name of the header field in which an offset from the header's start lies. */
export function headerField(offset: number): string {
  return fields.find(([start, length]) => offset >= start && offset < start + length)?.[2] ?? "rest";
}

/** Zero bytes that fill the last block of a file. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** Two zero blocks. */
export const trailerSize = 2 * blockSize;

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
