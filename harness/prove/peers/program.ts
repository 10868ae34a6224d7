import { connect, type Socket } from "node:net";
import { resolve as resolvePath } from "node:path";
import { ok, type Result } from "../../base/index.ts";
import { matchText, type Program } from "../../contract/index.ts";
import { type Job, LineCutter, type Supervisor } from "../../process/index.ts";
import type { Needs, RunningPeer } from "./peer.ts";
import { Listener, Sockets } from "./sockets.ts";
import type { Stage } from "./stage.ts";

/**
 * A program of the host. It belongs to the run's supervisor, so that nothing of it is left whatever ends the run. The
 * guest reaches it through a port of the tool's own, because its port is known only when it has said so: a connection
 * that comes before waits for that.
 */
export class ProgramPeer implements RunningPeer {
  readonly #spec: Program;
  readonly #stage: Stage;
  readonly #root: string;
  readonly #supervisor: Supervisor;
  readonly #listener = new Listener((socket) => void this.#join(socket));
  readonly #outward = new Sockets();
  /** Where the program listens, once it has said so. */
  readonly #ready: Promise<number>;
  #isReady: (port: number) => void = () => {};
  #job: Job | undefined;
  #begun: Promise<void> | undefined;
  #ended = false;

  constructor(spec: Program, stage: Stage, root: string, supervisor: Supervisor) {
    this.#spec = spec;
    this.#stage = stage;
    this.#root = root;
    this.#supervisor = supervisor;
    this.#ready = new Promise((resolve) => (this.#isReady = resolve));
  }

  async prepare(): Promise<Result<Needs>> {
    const { reaches: forwards, serves } = this.#spec;
    if (serves === undefined) return ok({ forwards });
    const port = await this.#listener.listen();
    if (!port.ok) return port;
    return ok({ forwards, services: [{ guestPort: serves.port, hostPort: port.value }] });
  }

  started(): void {
    if (this.#spec.at === undefined) this.#begun = this.#begin();
  }

  landmark(name: string): void {
    if (this.#spec.at === name) this.#begun ??= this.#begin();
  }

  /** A program that was to end by itself may still be about to. */
  async settled(): Promise<void> {
    await Promise.all([this.#listener.sockets.settled(), this.#outward.settled()]);
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#job?.stop("ask", "the boot is over");
    await this.#begun;
    this.#outward.destroy();
    await this.#listener.end();
  }

  /** Runs the program to its end. */
  async #begin(): Promise<void> {
    const env = await this.#environment();
    if (env === undefined || this.#ended) return;
    const { argv } = this.#spec;
    const [program, ...args] = argv;
    const out = new LineCutter((line) => this.#line(line));
    const err = new LineCutter((line) => this.#stage.log("stderr", { line }));
    const started = await this.#supervisor.start({
      argv: [program.includes("/") ? resolvePath(this.#root, program) : program, ...args],
      cwd: this.#root,
      env,
      dieWithTool: true,
      onOutput: (stream, bytes) => (stream === "stdout" ? out : err).add(bytes),
    });
    if (!started.ok) return this.#stage.broken(started.error.map((p) => p.message).join("; "));
    this.#job = started.value;
    if (this.#ended) this.#job.stop("ask", "the boot is over");
    this.#stage.log("started", { argv: argv.join(" ") });
    this.#expect(program);
    const { code, signal } = await this.#job.ended;
    out.end();
    err.end();
    this.#stage.log("exit", code === null ? { signal: signal ?? "unknown" } : { status: code });
    if (!this.#ended) this.#exited(program, code ?? signal ?? "nothing");
  }

  #expect(program: string): void {
    const { serves, status, withinMs } = this.#spec;
    if (serves !== undefined) {
      this.#stage.expectWithin("ready", withinMs, `${program} did not say where it listens`);
    }
    if (status !== undefined) this.#stage.expectWithin("status", withinMs, `${program} did not end`);
  }

  #exited(program: string, how: number | string): void {
    const { serves, status } = this.#spec;
    if (serves !== undefined) this.#stage.failed("ready", `${program} ended with ${how} before it listened`);
    if (status === undefined) return;
    if (how === status) this.#stage.met("status", `${program} ended with status ${status}`);
    else this.#stage.failed("status", `${program} ended with ${how} instead of ${status}`);
  }

  /** What the program is told, or undefined when the guest cannot be reached. */
  async #environment(): Promise<Readonly<Record<string, string>> | undefined> {
    const env: Record<string, string> = { ...this.#spec.env };
    for (const guestPort of this.#spec.reaches) {
      const port = await this.#stage.network?.forwarded(guestPort);
      if (port === undefined || !port.ok) {
        this.#stage.broken(`no port leads to the guest's ${guestPort}`);
        return undefined;
      }
      env[`CAPOS_GUEST_${guestPort}`] = String(port.value);
    }
    return env;
  }

  #line(line: string): void {
    this.#stage.log("stdout", { line });
    const { serves } = this.#spec;
    const port = serves === undefined ? undefined : matchText(serves.ready, line)?.["port"];
    if (port === undefined) return;
    this.#isReady(Number(port));
    this.#stage.met("ready", `listens at port ${port}`);
  }

  async #join(guest: Socket): Promise<void> {
    this.#stage.log("connection");
    const port = await this.#ready;
    if (this.#ended || guest.destroyed) return;
    const peer = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    this.#outward.add(peer);
    peer.once("error", () => guest.destroy());
    guest.once("error", () => peer.destroy());
    guest.pipe(peer);
    peer.pipe(guest);
  }
}
