/**
 * Reads Cap'n Proto messages: any number of segments, far pointers, every bound checked. The schema compiler's
 * request and the boot manifest are read through it.
 */

/** The bytes are not a message of the expected shape. Caught where the message came in, and told as a problem. */
export class MalformedMessage extends Error {}

/** No struct or list may cost more to read than this, counted once for each pointer that is followed. */
const maxWords = 64 * 1024 * 1024;
const maxNesting = 64;

interface Segments {
  readonly all: readonly DataView[];
  /** Words that may still be visited: pointers that share a target cannot make reading endless. */
  budget: number;
}

interface Place {
  readonly segment: DataView;
  readonly at: number;
}

/** Splits a framed message (segment count, segment lengths, segments), as the schema compiler writes it. */
export function readFramed(bytes: Uint8Array): StructView {
  const view = viewOf(bytes);
  if (view.byteLength < 8) throw new MalformedMessage("the stream ends inside its segment table");
  const count = view.getUint32(0, true) + 1;
  const table = 4 * (count + 1);
  let at = table + (table % 8);
  if (count > 512 || view.byteLength < at) throw new MalformedMessage("the segment table is damaged");
  const all: DataView[] = [];
  for (let index = 0; index < count; index += 1) {
    const length = view.getUint32(4 * (index + 1), true) * 8;
    if (at + length > view.byteLength) throw new MalformedMessage(`segment ${index} is cut off`);
    all.push(new DataView(bytes.buffer, bytes.byteOffset + at, length));
    at += length;
  }
  return rootOf(all);
}

/** Reads a message of one segment without framing, as capos stores and sends it. */
export function readSegment(bytes: Uint8Array): StructView {
  return rootOf([viewOf(bytes)]);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function rootOf(all: readonly DataView[]): StructView {
  const segments: Segments = { all, budget: maxWords };
  const first = all[0];
  if (first === undefined) throw new MalformedMessage("the message has no segment");
  return structAt(segments, { segment: first, at: 0 }, maxNesting);
}

/** A struct: fields by byte offset in its data section, pointers by index. What is missing reads as zero. */
export class StructView {
  readonly #segments: Segments;
  readonly #place: Place;
  readonly #nesting: number;
  readonly dataBytes: number;
  readonly pointerCount: number;

  constructor(segments: Segments, place: Place, dataBytes: number, pointerCount: number, nesting: number) {
    this.#segments = segments;
    this.#place = place;
    this.#nesting = nesting;
    this.dataBytes = dataBytes;
    this.pointerCount = pointerCount;
  }

  bool(bit: number): boolean {
    return ((this.u8(bit >> 3) >> (bit & 7)) & 1) !== 0;
  }

  u8(offset: number): number {
    return this.#has(offset, 1) ? this.#place.segment.getUint8(this.#place.at + offset) : 0;
  }

  i8(offset: number): number {
    return (this.u8(offset) << 24) >> 24;
  }

  u16(offset: number): number {
    return this.#has(offset, 2) ? this.#place.segment.getUint16(this.#place.at + offset, true) : 0;
  }

  i16(offset: number): number {
    return (this.u16(offset) << 16) >> 16;
  }

  u32(offset: number): number {
    return this.#has(offset, 4) ? this.#place.segment.getUint32(this.#place.at + offset, true) : 0;
  }

  i32(offset: number): number {
    return this.u32(offset) | 0;
  }

  u64(offset: number): bigint {
    return this.#has(offset, 8) ? this.#place.segment.getBigUint64(this.#place.at + offset, true) : 0n;
  }

  i64(offset: number): bigint {
    return BigInt.asIntN(64, this.u64(offset));
  }

  /** Whether pointer `index` is there and not null. */
  has(index: number): boolean {
    const place = this.#pointer(index);
    return place !== undefined && place.segment.getBigUint64(place.at, true) !== 0n;
  }

  struct(index: number): StructView {
    const place = this.#pointer(index);
    if (place === undefined) return new StructView(this.#segments, this.#place, 0, 0, 0);
    return structAt(this.#segments, place, this.#nesting);
  }

  structs(index: number): readonly StructView[] {
    const place = this.#pointer(index);
    return place === undefined ? [] : structsAt(this.#segments, place, this.#nesting);
  }

  data(index: number): Uint8Array {
    const place = this.#pointer(index);
    return place === undefined ? new Uint8Array() : bytesAt(this.#segments, place);
  }

  text(index: number): string {
    const place = this.#pointer(index);
    return place === undefined ? "" : textAt(this.#segments, place);
  }

  texts(index: number): readonly string[] {
    return this.#pointers(index).map((place) => textAt(this.#segments, place));
  }

  datas(index: number): readonly Uint8Array[] {
    return this.#pointers(index).map((place) => bytesAt(this.#segments, place));
  }

  /** The elements of a list of pointers. */
  #pointers(index: number): readonly Place[] {
    const place = this.#pointer(index);
    const list = place && listAt(this.#segments, place);
    if (list === undefined) return [];
    if (list.size !== 6) throw new MalformedMessage("a list of pointers has elements of another size");
    const { segment, at } = list.place;
    return Array.from({ length: list.count }, (_, index) => ({ segment, at: at + 8 * index }));
  }

  #has(offset: number, length: number): boolean {
    return offset + length <= this.dataBytes;
  }

  #pointer(index: number): Place | undefined {
    if (index >= this.pointerCount) return undefined;
    return { segment: this.#place.segment, at: this.#place.at + this.dataBytes + 8 * index };
  }
}

interface Target {
  readonly place: Place;
  readonly low: number;
  readonly high: number;
}

/** Follows far pointers to the object and the pointer word that describes it. */
function resolve(segments: Segments, pointer: Place): Target | undefined {
  const [low, high] = wordAt(pointer);
  if (low === 0 && high === 0) return undefined;
  if ((low & 3) !== 2) return near(pointer, low, high);
  const pad = { segment: segmentOf(segments, high), at: (low >>> 3) * 8 };
  const [padLow, padHigh] = wordAt(pad);
  if ((low & 4) === 0) {
    if ((padLow & 3) === 2) throw new MalformedMessage("a far pointer leads to another far pointer");
    return near(pad, padLow, padHigh);
  }
  if ((padLow & 7) !== 2) throw new MalformedMessage("a double-far pointer has a damaged landing pad");
  const [tagLow, tagHigh] = wordAt({ segment: pad.segment, at: pad.at + 8 });
  return {
    place: { segment: segmentOf(segments, padHigh), at: (padLow >>> 3) * 8 },
    low: tagLow,
    high: tagHigh,
  };
}

function near(pointer: Place, low: number, high: number): Target {
  return { place: { segment: pointer.segment, at: pointer.at + 8 + (low >> 2) * 8 }, low, high };
}

function structAt(segments: Segments, pointer: Place, nesting: number): StructView {
  const target = resolve(segments, pointer);
  if (target === undefined) return new StructView(segments, pointer, 0, 0, 0);
  if ((target.low & 3) !== 0)
    throw new MalformedMessage("a pointer to something else stands where a struct belongs");
  const [data, pointers] = [target.high & 0xffff, target.high >>> 16];
  visit(segments, target.place, data + pointers, nesting);
  return new StructView(segments, target.place, data * 8, pointers, nesting - 1);
}

function structsAt(segments: Segments, pointer: Place, nesting: number): readonly StructView[] {
  const target = resolve(segments, pointer);
  if (target === undefined) return [];
  if ((target.low & 3) !== 1 || (target.high & 7) !== 7)
    throw new MalformedMessage("a list of structs has no tag");
  const words = target.high >>> 3;
  visit(segments, target.place, words + 1, nesting);
  const [tagLow, tagHigh] = wordAt(target.place);
  const [count, data, pointers] = [tagLow >>> 2, tagHigh & 0xffff, tagHigh >>> 16];
  if (
    (tagLow & 3) !== 0 ||
    count * Math.max(1, data + pointers) > words + (data + pointers === 0 ? 65536 : 0)
  ) {
    throw new MalformedMessage("the tag of a list of structs is damaged");
  }
  const first = target.place.at + 8;
  return Array.from({ length: count }, (_, index) => {
    const at = first + index * (data + pointers) * 8;
    return new StructView(segments, { segment: target.place.segment, at }, data * 8, pointers, nesting - 1);
  });
}

function listAt(
  segments: Segments,
  pointer: Place,
): { place: Place; size: number; count: number } | undefined {
  const target = resolve(segments, pointer);
  if (target === undefined) return undefined;
  if ((target.low & 3) !== 1)
    throw new MalformedMessage("a pointer to something else stands where a list belongs");
  const [size, count] = [target.high & 7, target.high >>> 3];
  const bits = [0, 1, 8, 16, 32, 64, 64, 64][size] ?? 64;
  visit(segments, target.place, Math.ceil((bits * count) / 64), maxNesting);
  return { place: target.place, size, count };
}

function bytesAt(segments: Segments, pointer: Place): Uint8Array {
  const list = listAt(segments, pointer);
  if (list === undefined) return new Uint8Array();
  if (list.size !== 2) throw new MalformedMessage("text or data has elements of another size");
  const { segment, at } = list.place;
  return new Uint8Array(segment.buffer, segment.byteOffset + at, list.count);
}

function textAt(segments: Segments, pointer: Place): string {
  const bytes = bytesAt(segments, pointer);
  if (bytes.length === 0 && wordAt(pointer).every((half) => half === 0)) return "";
  if (bytes.at(-1) !== 0) throw new MalformedMessage("a text does not end in NUL");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, -1));
  } catch {
    throw new MalformedMessage("a text is not UTF-8");
  }
}

function visit(segments: Segments, place: Place, words: number, nesting: number): void {
  if (nesting <= 0) throw new MalformedMessage("structs are nested too deep");
  if (place.at < 0 || place.at + words * 8 > place.segment.byteLength) {
    throw new MalformedMessage("a pointer leads out of the message");
  }
  segments.budget -= words;
  if (segments.budget < 0) throw new MalformedMessage("reading the message costs more than it may");
}

function wordAt({ segment, at }: Place): readonly [low: number, high: number] {
  if (at < 0 || at + 8 > segment.byteLength) throw new MalformedMessage("a pointer leads out of the message");
  return [segment.getInt32(at, true), segment.getUint32(at + 4, true)];
}

function segmentOf(segments: Segments, index: number): DataView {
  const segment = segments.all[index];
  if (segment === undefined) throw new MalformedMessage("a far pointer names a segment that is not there");
  return segment;
}
