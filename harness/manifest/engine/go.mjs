// @ts-check
/**
 * A host for programs that Go has compiled to WebAssembly for JavaScript (GOOS=js), Go 1.15 to 1.18.
 *
 * Go's own host patches the globals of the thread: file system, process, output. Here each instance gets
 * its own global object instead, so an engine sees the files it was given and nothing else, two
 * instances cannot mix their output, and nothing of Node's is replaced.
 *
 * The convention is fixed by Go's compiler: each import takes a stack pointer, reads its arguments behind
 * it and writes its results behind them. A JavaScript value is one 64-bit word: a number stands for
 * itself, everything else is a NaN whose low half indexes a table of values.
 */

/** @typedef {{ id: number, this: unknown, args: IArguments, result?: unknown }} GoEvent */

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const nanHead = 0x7ff80000;
/** Go's linker lays its data from this address on; arguments and environment must end below it. */
const argumentsEnd = 4096 + 8192;

/** A running instance of a Go program. */
export class GoProgram {
  /** The status given to `os.Exit`; undefined while the program lives. @type {number | undefined} */
  exitStatus = undefined;
  /** Read and written by Go under this name. @type {GoEvent | null} */
  _pendingEvent = null;

  /** @type {any} */ #exports = undefined;
  /** @type {DataView} */ #view = new DataView(new ArrayBuffer(0));
  /** @type {unknown[]} */ #values = [];
  /** @type {number[]} */ #references = [];
  /** @type {Map<unknown, number>} */ #ids = new Map();
  /** @type {number[]} */ #freeIds = [];
  /** @type {Map<number, NodeJS.Timeout>} */ #timers = new Map();
  #nextTimer = 1;
  /** @type {(bytes: Uint8Array) => void} */ #writeRaw;
  /** @type {(() => void) | undefined} */ #onExit = undefined;

  /**
   * @param {object} globals what Go sees as the global object: `fs`, `process`, `Object`, `Array`, ...
   * @param {(bytes: Uint8Array) => void} writeRaw takes what the Go runtime itself prints, such as a panic
   */
  constructor(globals, writeRaw) {
    this.#writeRaw = writeRaw;
    this.#values = [NaN, 0, null, true, false, globals, this];
    // The seven fixed values are never collected.
    this.#references = this.#values.map(() => Infinity);
    this.#ids = new Map(this.#values.slice(1).map((value, i) => [value, i + 1]));
  }

  /**
   * Runs until the program exits or waits for an event. The promise settles only when it has exited.
   * @param {WebAssembly.Module} module
   * @param {readonly string[]} argv
   * @param {Readonly<Record<string, string>>} env
   * @returns {Promise<void>}
   */
  run(module, argv, env) {
    const instance = new WebAssembly.Instance(module, { go: this.#imports() });
    this.#exports = instance.exports;
    this.#view = new DataView(this.#exports.mem.buffer);
    const { argc, address } = this.#placeArguments(argv, env);
    return new Promise((resolve) => {
      this.#onExit = resolve;
      this.#exports.run(argc, address);
      if (this.exitStatus !== undefined) resolve();
    });
  }

  /** Called by Go when it wraps one of its functions for JavaScript. @param {number} id */
  _makeFuncWrapper(id) {
    const program = this;
    return /** @this {unknown} */ function () {
      /** @type {GoEvent} */
      const event = { id, this: this, args: arguments };
      program._pendingEvent = event;
      program.#resume();
      return event.result;
    };
  }

  #resume() {
    if (this.exitStatus !== undefined) throw new Error("the Go program has already exited");
    this.#exports.resume();
    if (this.exitStatus !== undefined) this.#onExit?.();
  }

  /**
   * Strings first, then the vector of pointers: arguments, null, environment, null.
   * @param {readonly string[]} argv
   * @param {Readonly<Record<string, string>>} env
   */
  #placeArguments(argv, env) {
    let at = 4096;
    const pointers = [...argv, null, ...Object.entries(env).map(([k, v]) => `${k}=${v}`), null].map(
      (text) => {
        if (text === null) return 0;
        const bytes = encoder.encode(`${text}\0`);
        const start = at;
        at = (at + bytes.length + 7) & ~7;
        if (at > argumentsEnd) throw new Error("arguments of the Go program are too long");
        new Uint8Array(this.#view.buffer, start, bytes.length).set(bytes);
        return start;
      },
    );
    const address = at;
    if (at + pointers.length * 8 > argumentsEnd) throw new Error("too many arguments of the Go program");
    for (const [i, pointer] of pointers.entries()) this.#setInt64(address + i * 8, pointer);
    return { argc: argv.length, address };
  }

  /** @param {number} at @param {number} value */
  #setInt64(at, value) {
    this.#view.setUint32(at, value, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }

  /** @param {number} at */
  #getInt64(at) {
    return this.#view.getUint32(at, true) + this.#view.getInt32(at + 4, true) * 2 ** 32;
  }

  /** @param {number} at @returns {any} */
  #load(at) {
    const number = this.#view.getFloat64(at, true);
    // All bits zero is undefined; the number zero is in the table.
    if (number === 0) return undefined;
    return Number.isNaN(number) ? this.#values[this.#view.getUint32(at, true)] : number;
  }

  /** @param {number} at @param {unknown} value */
  #store(at, value) {
    if (typeof value === "number" && value !== 0 && !Number.isNaN(value)) {
      this.#view.setFloat64(at, value, true);
      return;
    }
    if (value === undefined) {
      this.#view.setFloat64(at, 0, true);
      return;
    }
    const id = Number.isNaN(value) ? 0 : (this.#ids.get(value) ?? this.#newId(value));
    this.#references[id] = (this.#references[id] ?? 0) + 1;
    this.#view.setUint32(at + 4, nanHead | typeFlag(value), true);
    this.#view.setUint32(at, id, true);
  }

  /** @param {unknown} value */
  #newId(value) {
    const id = this.#freeIds.pop() ?? this.#values.length;
    this.#values[id] = value;
    this.#references[id] = 0;
    this.#ids.set(value, id);
    return id;
  }

  /** @param {number} id */
  #release(id) {
    const left = (this.#references[id] ?? 0) - 1;
    this.#references[id] = left;
    if (left !== 0) return;
    this.#ids.delete(this.#values[id]);
    this.#values[id] = null;
    this.#freeIds.push(id);
  }

  /** @param {number} at */
  #loadBytes(at) {
    return new Uint8Array(this.#exports.mem.buffer, this.#getInt64(at), this.#getInt64(at + 8));
  }

  /** @param {number} at */
  #loadString(at) {
    return decoder.decode(this.#loadBytes(at));
  }

  /** @param {number} at @returns {unknown[]} */
  #loadValues(at) {
    const start = this.#getInt64(at);
    return Array.from({ length: this.#getInt64(at + 8) }, (_, i) => this.#load(start + i * 8));
  }

  /**
   * Calls into JavaScript, which may call back into Go and so move its stack.
   * @param {() => unknown} call
   * @param {number} offset of the result; one byte behind it says whether it is a value or an error
   */
  #attempt(call, offset) {
    let result;
    let good = 1;
    try {
      result = call();
    } catch (error) {
      [result, good] = [error, 0];
    }
    const sp = this.#exports.getsp() >>> 0;
    this.#store(sp + offset, result);
    this.#view.setUint8(sp + offset + 8, good);
  }

  /**
   * @param {number} sp
   * @param {Uint8Array} target
   * @param {unknown} source
   */
  #copy(sp, target, source) {
    const good = target instanceof Uint8Array && source instanceof Uint8Array;
    this.#view.setUint8(sp + 48, good ? 1 : 0);
    if (!good) return;
    const bytes = source.subarray(0, target.length);
    target.set(bytes);
    this.#setInt64(sp + 40, bytes.length);
  }

  /** @param {number} delayMs */
  #schedule(delayMs) {
    const id = this.#nextTimer++;
    this.#timers.set(
      id,
      setTimeout(() => {
        // Go drops the timer when it has seen the event; now and then a first wake-up comes too early.
        do this.#resume();
        while (this.#timers.has(id) && this.exitStatus === undefined);
      }, delayMs + 1),
    );
    return id;
  }

  /** @param {number} id */
  #unschedule(id) {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** @param {number} status */
  #exit(status) {
    this.exitStatus = status;
    for (const id of this.#timers.keys()) this.#unschedule(id);
  }

  /** @returns {Record<string, (sp: number) => void>} */
  #imports() {
    const wallTime = (/** @type {number} */ sp) => {
      const now = Date.now();
      this.#setInt64(sp + 8, Math.floor(now / 1000));
      this.#view.setInt32(sp + 16, (now % 1000) * 1_000_000, true);
    };
    return {
      "runtime.wasmExit": (sp) => this.#exit(this.#view.getInt32(sp + 8, true)),
      "runtime.wasmWrite": (sp) =>
        this.#writeRaw(
          new Uint8Array(
            this.#exports.mem.buffer,
            this.#getInt64(sp + 16),
            this.#view.getInt32(sp + 24, true),
          ),
        ),
      "runtime.resetMemoryDataView": () => {
        this.#view = new DataView(this.#exports.mem.buffer);
      },
      "runtime.nanotime1": (sp) => this.#setInt64(sp + 8, Math.floor(performance.now() * 1e6)),
      "runtime.walltime": wallTime,
      "runtime.walltime1": wallTime,
      "runtime.scheduleTimeoutEvent": (sp) =>
        this.#view.setInt32(sp + 16, this.#schedule(this.#getInt64(sp + 8)), true),
      "runtime.clearTimeoutEvent": (sp) => this.#unschedule(this.#view.getInt32(sp + 8, true)),
      // Go asks only to seed its hash maps; a constant makes evaluation repeatable.
      "runtime.getRandomData": (sp) => void this.#loadBytes(sp + 8).fill(0x5a),
      "syscall/js.finalizeRef": (sp) => this.#release(this.#view.getUint32(sp + 8, true)),
      "syscall/js.stringVal": (sp) => this.#store(sp + 24, this.#loadString(sp + 8)),
      "syscall/js.valueGet": (sp) => {
        const value = Reflect.get(this.#load(sp + 8), this.#loadString(sp + 16));
        this.#store((this.#exports.getsp() >>> 0) + 32, value);
      },
      "syscall/js.valueSet": (sp) =>
        void Reflect.set(this.#load(sp + 8), this.#loadString(sp + 16), this.#load(sp + 32)),
      "syscall/js.valueDelete": (sp) =>
        void Reflect.deleteProperty(this.#load(sp + 8), this.#loadString(sp + 16)),
      "syscall/js.valueIndex": (sp) =>
        this.#store(sp + 24, Reflect.get(this.#load(sp + 8), this.#getInt64(sp + 16))),
      "syscall/js.valueSetIndex": (sp) =>
        void Reflect.set(this.#load(sp + 8), this.#getInt64(sp + 16), this.#load(sp + 24)),
      "syscall/js.valueCall": (sp) => {
        const target = this.#load(sp + 8);
        const method = Reflect.get(target, this.#loadString(sp + 16));
        const args = this.#loadValues(sp + 32);
        this.#attempt(() => Reflect.apply(method, target, args), 56);
      },
      "syscall/js.valueInvoke": (sp) => {
        const method = this.#load(sp + 8);
        const args = this.#loadValues(sp + 16);
        this.#attempt(() => Reflect.apply(method, undefined, args), 40);
      },
      "syscall/js.valueNew": (sp) => {
        const type = this.#load(sp + 8);
        const args = this.#loadValues(sp + 16);
        this.#attempt(() => Reflect.construct(type, args), 40);
      },
      "syscall/js.valueLength": (sp) => this.#setInt64(sp + 16, Number(this.#load(sp + 8).length)),
      "syscall/js.valuePrepareString": (sp) => {
        const bytes = encoder.encode(String(this.#load(sp + 8)));
        this.#store(sp + 16, bytes);
        this.#setInt64(sp + 24, bytes.length);
      },
      "syscall/js.valueLoadString": (sp) => this.#loadBytes(sp + 16).set(this.#load(sp + 8)),
      "syscall/js.valueInstanceOf": (sp) =>
        this.#view.setUint8(sp + 24, this.#load(sp + 8) instanceof this.#load(sp + 16) ? 1 : 0),
      "syscall/js.copyBytesToGo": (sp) => this.#copy(sp, this.#loadBytes(sp + 8), this.#load(sp + 32)),
      "syscall/js.copyBytesToJS": (sp) => this.#copy(sp, this.#load(sp + 8), this.#loadBytes(sp + 16)),
      debug: () => {},
    };
  }
}

/** The kind of a reference, which Go keeps beside its number. @param {unknown} value */
function typeFlag(value) {
  switch (typeof value) {
    case "object":
      return value === null ? 0 : 1;
    case "string":
      return 2;
    case "symbol":
      return 3;
    case "function":
      return 4;
    default:
      return 0;
  }
}
