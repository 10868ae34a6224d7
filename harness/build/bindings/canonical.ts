/**
 * Builds a message as a tree and writes it in Cap'n Proto's canonical form: one segment, objects in the order of a
 * walk through the pointers, no trailing zero words or null pointers in any struct. Equal values give equal bytes,
 * so the message may be hashed.
 */

/** What a pointer leads to; `undefined` is a null pointer. */
type Target =
  | { readonly kind: "struct"; readonly struct: StructBuilder }
  | { readonly kind: "structs"; readonly items: readonly StructBuilder[] }
  | { readonly kind: "pointers"; readonly items: readonly (Target | undefined)[] }
  | { readonly kind: "flat"; readonly size: number; readonly count: number; readonly bytes: Uint8Array };

const byteSize = 2;
const pointerSize = 6;
const compositeSize = 7;

/**
 * A struct that is being filled: numbers by byte offset in its data section, pointers by index. Empty text, data and
 * lists become null pointers. Numbers out of range are bugs of the caller and throw a RangeError.
 */
export class StructBuilder {
  readonly #data: DataView;
  readonly #pointers: (Target | undefined)[];

  constructor(dataWords: number, pointers: number) {
    this.#data = new DataView(new ArrayBuffer(dataWords * 8));
    this.#pointers = Array.from({ length: pointers }, () => undefined);
  }

  bool(bit: number, value: boolean): void {
    const mask = 1 << (bit & 7);
    const rest = this.#data.getUint8(bit >> 3) & ~mask;
    this.#data.setUint8(bit >> 3, value ? rest | mask : rest);
  }

  u8(offset: number, value: number): void {
    this.#data.setUint8(offset, within(value, 0, 0xff));
  }

  i8(offset: number, value: number): void {
    this.#data.setInt8(offset, within(value, -0x80, 0x7f));
  }

  u16(offset: number, value: number): void {
    this.#data.setUint16(offset, within(value, 0, 0xffff), true);
  }

  i16(offset: number, value: number): void {
    this.#data.setInt16(offset, within(value, -0x8000, 0x7fff), true);
  }

  u32(offset: number, value: number): void {
    this.#data.setUint32(offset, within(value, 0, 0xffff_ffff), true);
  }

  i32(offset: number, value: number): void {
    this.#data.setInt32(offset, within(value, -0x8000_0000, 0x7fff_ffff), true);
  }

  u64(offset: number, value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw new RangeError(`${value} does not fit into 64 bits`);
    this.#data.setBigUint64(offset, value, true);
  }

  i64(offset: number, value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} does not fit into 64 bits`);
    this.#data.setBigInt64(offset, value, true);
  }

  text(pointer: number, value: string): void {
    this.#pointers[pointer] = value === "" ? undefined : textTarget(value);
  }

  data(pointer: number, value: Uint8Array): void {
    this.#pointers[pointer] = value.length === 0 ? undefined : dataTarget(value);
  }

  texts(pointer: number, values: readonly string[]): void {
    const items = values.map((value) => (value === "" ? undefined : textTarget(value)));
    this.#pointers[pointer] = items.length === 0 ? undefined : { kind: "pointers", items };
  }

  datas(pointer: number, values: readonly Uint8Array[]): void {
    const items = values.map((value) => (value.length === 0 ? undefined : dataTarget(value)));
    this.#pointers[pointer] = items.length === 0 ? undefined : { kind: "pointers", items };
  }

  struct(pointer: number, dataWords: number, pointers: number): StructBuilder {
    const struct = new StructBuilder(dataWords, pointers);
    this.#pointers[pointer] = { kind: "struct", struct };
    return struct;
  }

  structs<T>(
    pointer: number,
    values: readonly T[],
    [dataWords, pointers]: readonly [dataWords: number, pointers: number],
    write: (out: StructBuilder, value: T) => void,
  ): void {
    const items = values.map((value) => {
      const item = new StructBuilder(dataWords, pointers);
      write(item, value);
      return item;
    });
    this.#pointers[pointer] = items.length === 0 ? undefined : { kind: "structs", items };
  }

  /** The message whose root is this struct. */
  finish(): Uint8Array {
    const root: Target = { kind: "struct", struct: this };
    const out = new Segment(1 + wordsOf(root));
    out.place(root, 0);
    return out.bytes;
  }

  /** The words of the data section up to the last one that is not zero. */
  get usedData(): Uint8Array {
    let words = this.#data.byteLength / 8;
    while (words > 0 && this.#data.getBigUint64((words - 1) * 8) === 0n) words -= 1;
    return new Uint8Array(this.#data.buffer, 0, words * 8);
  }

  /** The pointers up to the last one that is not null. */
  get usedPointers(): readonly (Target | undefined)[] {
    return this.#pointers.slice(0, this.#pointers.findLastIndex((target) => target !== undefined) + 1);
  }
}

function within(value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${value} is not a whole number from ${least} to ${most}`);
}

function textTarget(value: string): Target {
  return dataTarget(new TextEncoder().encode(`${value}\0`));
}

function dataTarget(bytes: Uint8Array): Target {
  return { kind: "flat", size: byteSize, count: bytes.length, bytes };
}

/** Every element of a list of structs has the size that the largest needs. */
function elementSize(items: readonly StructBuilder[]): { readonly data: number; readonly pointers: number } {
  let [data, pointers] = [0, 0];
  for (const item of items) {
    data = Math.max(data, item.usedData.length / 8);
    pointers = Math.max(pointers, item.usedPointers.length);
  }
  return { data, pointers };
}

/** Words of an object and all that it leads to. */
function wordsOf(target: Target | undefined): number {
  if (target === undefined) return 0;
  const below = (targets: readonly (Target | undefined)[]): number =>
    targets.reduce((sum, each) => sum + wordsOf(each), 0);
  switch (target.kind) {
    case "struct": {
      const { usedData, usedPointers } = target.struct;
      return usedData.length / 8 + usedPointers.length + below(usedPointers);
    }
    case "structs": {
      const { data, pointers } = elementSize(target.items);
      return (
        1 + target.items.length * (data + pointers) + below(target.items.flatMap((item) => item.usedPointers))
      );
    }
    case "pointers":
      return target.items.length + below(target.items);
    case "flat":
      return Math.ceil(target.bytes.length / 8);
  }
}

/** The one segment; objects are placed behind each other. */
class Segment {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** The first free word. Word 0 is the root pointer. */
  #free = 1;

  constructor(words: number) {
    this.bytes = new Uint8Array(words * 8);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Writes an object and, behind it, what it leads to; then the pointer to it at word `position`. */
  place(target: Target | undefined, position: number): void {
    if (target === undefined) return;
    const at = this.#free;
    switch (target.kind) {
      case "struct": {
        const data = target.struct.usedData.length / 8;
        const pointers = target.struct.usedPointers.length;
        this.#free += data + pointers;
        this.#fill(target.struct, at, data);
        // A struct without sections is its own pointer's word: offset -1.
        this.#pointer(position, data + pointers === 0 ? -1 : at - position - 1, 0, data | (pointers << 16));
        return;
      }
      case "structs": {
        const { data, pointers } = elementSize(target.items);
        const stride = data + pointers;
        const words = target.items.length * stride;
        this.#free += 1 + words;
        this.#pointer(at, target.items.length, 0, data | (pointers << 16));
        this.#pointer(position, at - position - 1, 1, compositeSize | (words << 3));
        target.items.forEach((item, index) => this.#fill(item, at + 1 + index * stride, data));
        return;
      }
      case "pointers":
        this.#free += target.items.length;
        this.#pointer(position, at - position - 1, 1, pointerSize | (target.items.length << 3));
        target.items.forEach((item, index) => this.place(item, at + index));
        return;
      case "flat":
        this.#free += Math.ceil(target.bytes.length / 8);
        this.bytes.set(target.bytes, at * 8);
        this.#pointer(position, at - position - 1, 1, target.size | (target.count << 3));
        return;
    }
  }

  /** Writes a struct's sections at word `at`, whose data section has `data` words. */
  #fill(struct: StructBuilder, at: number, data: number): void {
    this.bytes.set(struct.usedData, at * 8);
    struct.usedPointers.forEach((target, index) => this.place(target, at + data + index));
  }

  #pointer(position: number, offset: number, kind: number, high: number): void {
    this.#view.setInt32(position * 8, (offset << 2) | kind, true);
    this.#view.setInt32(position * 8 + 4, high, true);
  }
}
