/** CRC-32C (Castagnoli, RFC 3720 appendix B.4) in base 64, as the object store tells it. */
export function crc32c(bytes: Uint8Array): string {
  let sum = 0xffff_ffff;
  for (const byte of bytes) sum = (table[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  const out = Buffer.alloc(4);
  out.writeUInt32BE((sum ^ 0xffff_ffff) >>> 0);
  return out.toString("base64");
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) === 1 ? (c >>> 1) ^ 0x82f6_3b78 : c >>> 1;
  return c >>> 0;
});
