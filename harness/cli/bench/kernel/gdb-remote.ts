import type { Socket } from "node:net";

/** The emulator's debugger port, spoken to without a debugger: GDB's remote protocol as far as following a program needs. */
export class GdbRemote {
  readonly #socket: Socket;
  readonly #packets: string[] = [];
  #wanted: ((packet: string | undefined) => void) | undefined;
  #rest = "";
  #isOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#take(text));
    const over = (): void => {
      this.#isOver = true;
      this.#give();
    };
    socket.on("close", over);
    socket.on("end", over);
    socket.on("error", over);
  }

  /** The answer to a packet; undefined when the machine is gone. */
  async ask(packet: string): Promise<string | undefined> {
    this.#socket.write(framed(packet));
    return this.#next();
  }

  /** What a command of the emulator's own monitor prints. */
  async monitor(command: string): Promise<string | undefined> {
    let said = "";
    let answer = await this.ask(`qRcmd,${Buffer.from(command).toString("hex")}`);
    for (; answer?.startsWith("O") === true && answer !== "OK"; answer = await this.#next()) {
      said += Buffer.from(answer.slice(1), "hex").toString("latin1");
    }
    return answer === undefined ? undefined : said;
  }

  /** Lets the machine run, or one instruction of it. False when it has ended instead of stopping. */
  async resume(how: "continue" | "step"): Promise<boolean> {
    const stopped = await this.ask(how === "continue" ? "c" : "s");
    return stopped?.startsWith("T") === true || stopped?.startsWith("S") === true;
  }

  async breakAt(address: bigint): Promise<boolean> {
    return (await this.ask(`Z0,${address.toString(16)},1`)) === "OK";
  }

  /** Bytes as the stopped processor sees them; empty where it sees nothing. */
  async read(address: bigint, length: number): Promise<Uint8Array> {
    const hex = await this.ask(`m${address.toString(16)},${length.toString(16)}`);
    return hex === undefined || hex.startsWith("E") ? new Uint8Array() : Buffer.from(hex, "hex");
  }

  /** The address of the next instruction. */
  async place(): Promise<bigint | undefined> {
    const registers = await this.ask("g");
    const rip = registers?.slice(ripAt, ripAt + 16) ?? "";
    return rip.length === 16 ? Buffer.from(rip, "hex").readBigUInt64LE() : undefined;
  }

  #next(): Promise<string | undefined> {
    const first = this.#packets.shift();
    if (first !== undefined || this.#isOver) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }

  #take(text: string): void {
    const { packets, rest } = cutPackets(this.#rest + text);
    this.#rest = rest;
    for (const packet of packets) {
      this.#socket.write("+");
      this.#packets.push(packet);
    }
    this.#give();
  }

  #give(): void {
    if (this.#wanted === undefined || (this.#packets.length === 0 && !this.#isOver)) return;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted(this.#packets.shift());
  }
}

/** Behind the sixteen general registers, in hexadecimal digits. */
const ripAt = 16 * 16;

export function framed(packet: string): string {
  let sum = 0;
  for (const byte of Buffer.from(packet, "latin1")) sum = (sum + byte) & 0xff;
  return `$${packet}#${sum.toString(16).padStart(2, "0")}`;
}

/** Whole packets without their frames, and the beginning of the next. Acknowledgements between them are dropped. */
export function cutPackets(text: string): { readonly packets: readonly string[]; readonly rest: string } {
  const packets: string[] = [];
  let rest = text;
  for (;;) {
    const start = rest.indexOf("$");
    if (start < 0) return { packets, rest: "" };
    const end = rest.indexOf("#", start);
    if (end < 0 || end + 2 >= rest.length) return { packets, rest: rest.slice(start) };
    packets.push(rest.slice(start + 1, end));
    rest = rest.slice(end + 3);
  }
}
