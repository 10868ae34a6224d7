import { fail, problem, type Problem, type Result } from "../../harness/base/index.ts";
import type { ActionEvent, ControlEvent, Moment } from "../../harness/contract/index.ts";
import { type BootEnd, type EndReason, machineCodes, type RunningBoot } from "../../harness/machine/index.ts";
import { cloudCodes } from "../codes.ts";
import type { Failure } from "../gce/failure.ts";
import { Inbox } from "./inbox.ts";
import { insistOn, type RunContext } from "../run/context.ts";
import { SerialReader } from "../serial/reader.ts";
import type { ResourceRef } from "../types.ts";

/** How often in a row the port may fail to be read before the instance is looked at. */
const patience = 3;

/**
 * One boot on an instance, seen through its serial port. The guest stays on when it is done, so its end is what it
 * says; the last reading is taken before anything is taken down.
 */
export class CloudBoot implements RunningBoot {
  readonly inputs = new Inbox();
  readonly ended: Promise<BootEnd>;
  readonly #context: RunContext;
  readonly #instance: ResourceRef;
  readonly #began: number;
  readonly #reader: SerialReader;
  /** The machine was off before this boot, so that its port may begin anew once. */
  #mayRestart: boolean;
  #over = false;
  #problem: Problem | undefined;
  #finish: (end: BootEnd) => void = () => {};

  /** `reader` follows the port over all boots of the instance: what an earlier one printed is not this one's. */
  constructor(context: RunContext, instance: ResourceRef, reader = new SerialReader()) {
    this.#context = context;
    this.#instance = instance;
    this.#reader = reader;
    this.#mayRestart = reader.isOpen;
    this.#began = context.pace.now();
    this.ended = new Promise((resolve) => (this.#finish = resolve));
    // The machine's devices are the provider's to say; none of them is one that a proof may ask for.
    this.#control({ type: "devices", present: [] });
    void this.#follow();
  }

  end(_how: "quit" | "cut", why: EndReason, detail?: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#control({ type: "ended-by-tool", why, ...(detail === undefined ? {} : { detail }) });
  }

  act(): Promise<Result<undefined>> {
    return Promise.resolve(
      fail(problem(machineCodes, "CAPOS_MACHINE_ACTION", "an instance in a cloud cannot be acted upon")),
    );
  }

  note(event: ActionEvent): void {
    this.#control(event);
  }

  async #follow(): Promise<void> {
    const { pace } = this.#context;
    let failures = 0;
    while (!this.#over) {
      const failure = await this.#read();
      failures = failure === undefined ? 0 : failures + 1;
      if (failure !== undefined && (await this.#isLost(failure, failures))) break;
      if (!this.#over) await pace.sleep(pace.lookMs / 2);
    }
    // What was printed up to here belongs to the record, whoever ended the boot.
    if (this.#problem === undefined) await this.#read();
    this.#over = true;
    this.#control({ type: "exit", code: null, signal: null });
    this.inputs.end();
    const { wallMs } = this.#moment();
    this.#finish({
      wallMs,
      cpuMs: 0,
      stderr: "",
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    });
  }

  async #read(): Promise<Failure | undefined> {
    const { provider } = this.#context;
    const answer = await insistOn(this.#context, "read", () =>
      provider.serial(this.#instance, this.#reader.next),
    );
    if ("failure" in answer) return answer.failure;
    const news = this.#reader.take(answer.value);
    if (news.lost !== undefined) {
      const { from, count } = news.lost;
      this.#lose(`the service dropped ${count} bytes of the console at byte ${from}`);
    }
    if (news.restarted && !this.#mayRestart) this.#control({ type: "reset" });
    if (news.restarted || news.bytes.length > 0) this.#mayRestart = false;
    if (news.bytes.length > 0) this.inputs.push({ kind: "bytes", at: this.#moment(), bytes: news.bytes });
    else if (!this.#over) this.inputs.push({ kind: "tick", at: this.#moment() });
    return undefined;
  }

  /** A port that cannot be read says nothing about the guest; the instance's own state does. */
  async #isLost(failure: Failure, failures: number): Promise<boolean> {
    if (failure.kind === "aborted" || failure.kind === "refused") {
      this.#lose(failure.message);
      return true;
    }
    if (failures < patience) return false;
    const { provider } = this.#context;
    const there = await insistOn(this.#context, "read", () => provider.get(this.#instance));
    if ("value" in there && there.value.status === "RUNNING") {
      this.#lose(`the serial port cannot be read: ${failure.message}`);
      return true;
    }
    if ("value" in there && (there.value.status === "TERMINATED" || there.value.status === "STOPPED")) {
      this.#control({ type: "shutdown", guest: true });
      return true;
    }
    const state = "value" in there ? `is ${there.value.status}` : `cannot be seen: ${there.failure.message}`;
    this.#lose(`the instance ${state}`);
    return true;
  }

  /** What a console is missing cannot be judged: neither that a landmark came nor that nothing forbidden did. */
  #lose(why: string): void {
    this.#problem ??= problem(cloudCodes, "CAPOS_CLOUD_SERIAL", why);
    if (!this.#over) this.#control({ type: "ended-by-tool", why: "cloud", detail: why });
    this.#over = true;
  }

  #control(event: ControlEvent): void {
    this.inputs.push({ kind: "control", at: this.#moment(), event });
  }

  /** The processor time of a guest in a cloud is nobody's to see: budgets are wall time. */
  #moment(): Moment {
    return { wallMs: this.#context.pace.now() - this.#began, cpuMs: 0 };
  }
}
