import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { err, ok, type Result } from "../../base/index.ts";
import type { Qmp } from "./qmp.ts";

/** How long the stub may take for an answer. It answers between two instructions of the guest. */
const patienceMs = 5_000;

/**
 * The emulator's debugger port, opened while the guest runs and closed again: the way to let some processors run and
 * others not. Connecting, interrupting and leaving each pause the whole machine for well under a millisecond.
 *
 * The stub takes any byte that reaches it while the guest runs, even the acknowledgement of a packet, for the wish
 * to pause it (`gdb_read_byte` in QEMU's gdbstub.c). So whatever it has to say is heard before the guest goes on.
 */
export class GdbStub {
  readonly #qmp: Pick<Qmp, "execute">;
  #socket: Socket | undefined;
  #unread = "";
  #packets: string[] = [];
  #wake: (() => void) | undefined;

  constructor(qmp: Pick<Qmp, "execute">) {
    this.#qmp = qmp;
  }

  /** Lets every processor run but this one, counted from 0 of `cpus`. */
  async stop(cpu: number, cpus: number): Promise<Result<undefined, string>> {
    if (this.#socket !== undefined) return err("a processor is stopped already");
    const opened = await this.#open();
    if (!opened.ok) return opened;
    // Connecting has paused the machine, which the stub reports; the answer to a question comes after that report.
    this.#send("vCont?");
    if (!(await this.#hears(/^vCont;/u))) return err("the debugger's port did not answer");
    // With nobody to go on, the machine stays as it is.
    const others = Array.from({ length: cpus }, (_, i) => i + 1).filter((thread) => thread !== cpu + 1);
    if (others.length > 0)
      this.#send(`vCont;${others.map((thread) => `c:p1.${thread.toString(16)}`).join(";")}`);
    return ok(undefined);
  }

  /** Lets all run again, and closes the port. */
  async resume(cpus: number): Promise<Result<undefined, string>> {
    const socket = this.#socket;
    if (socket === undefined) return err("no processor is stopped");
    if (cpus > 1) {
      this.#packets = [];
      socket.write("\u0003");
      // The stop that an interrupt leads to.
      if (!(await this.#hears(/^T/u))) return err("the debugger's port did not answer");
    }
    this.#send("D");
    const left = await this.#hears(/^OK$/u);
    socket.destroy();
    this.#socket = undefined;
    if (!left) return err("the debugger's port did not let go");
    const closed = await this.#gdbserver("none");
    return closed.ok ? ok(undefined) : closed;
  }

  async #open(): Promise<Result<undefined, string>> {
    // In the abstract name space: no file to be left behind, no length of a path to mind, no port to be taken.
    // It fills the address: then it does not matter which of the two sides pads a shorter one with zeros.
    const name = `capos-gdb-${randomBytes(49).toString("hex")}`.slice(0, 107);
    const served = await this.#gdbserver(`unix:${name},abstract=on,server=on,wait=off`);
    if (!served.ok) return served;
    return new Promise((resolve) => {
      const socket = connect(`\0${name}`);
      socket.once("connect", () => {
        this.#socket = socket;
        resolve(ok(undefined));
      });
      socket.on("error", (error) => resolve(err(error.message)));
      socket.on("close", () => this.#wake?.());
      socket.on("data", (bytes) => this.#take(socket, bytes.toString("latin1")));
    });
  }

  async #gdbserver(device: string): Promise<Result<undefined, string>> {
    const said = await this.#qmp.execute("human-monitor-command", { "command-line": `gdbserver ${device}` });
    if (!said.ok) return said;
    return String(said.value).startsWith("Could not") ? err(String(said.value).trim()) : ok(undefined);
  }

  /** Acknowledges each packet that is whole. What stands between packets acknowledges ours. */
  #take(socket: Socket, text: string): void {
    this.#unread += text;
    for (;;) {
      const [whole, body] = /\$([^#]*)#[0-9a-f]{2}/u.exec(this.#unread) ?? [];
      if (whole === undefined || body === undefined) break;
      this.#unread = this.#unread.slice(this.#unread.indexOf(whole) + whole.length);
      this.#packets.push(body);
      socket.write("+");
    }
    this.#wake?.();
  }

  #send(command: string): void {
    const sum = [...Buffer.from(command)].reduce((a, b) => (a + b) & 0xff, 0);
    this.#packets = [];
    this.#socket?.write(`$${command}#${sum.toString(16).padStart(2, "0")}`);
  }

  async #hears(wanted: RegExp): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    while (!this.#packets.some((packet) => wanted.test(packet))) {
      const left = deadline - performance.now();
      if (left <= 0 || this.#socket?.destroyed !== false) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return true;
  }
}
