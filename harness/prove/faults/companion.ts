import { ok, type Problem, type Result, unreachable } from "../../base/index.ts";
import type { BootInput, Fault, JudgeOutput } from "../../contract/index.ts";
import type { BootRequest, DataDisk, MachineAction } from "../../machine/index.ts";
import type { Companion, Hand } from "../companion.ts";

/** Makes a boot's faults when their landmarks come. */
export function faultsOf(faults: readonly Fault[]): Companion {
  return new Faults(faults);
}

class Faults implements Companion {
  readonly #waiting: Set<Fault>;
  readonly #timers = new Set<NodeJS.Timeout>();
  #hand: Hand | undefined;

  constructor(faults: readonly Fault[]) {
    this.#waiting = new Set(faults);
  }

  /** Disks that are to go wrong must be built for it. */
  prepare(request: BootRequest): Promise<Result<BootRequest>> {
    const disks = request.disks.map((disk) => prepared(disk, [...this.#waiting]));
    return Promise.resolve(ok({ ...request, disks }));
  }

  started(hand: Hand): void {
    this.#hand = hand;
  }

  saw(_: BootInput, said: readonly JudgeOutput[]): void {
    for (const what of said) {
      if (what.type === "decided") this.#stop();
      if (what.type !== "landmark") continue;
      for (const fault of this.#waiting) {
        if (fault.at !== what.landmark.name) continue;
        this.#waiting.delete(fault);
        if (fault.afterMs === 0) void this.#make(fault);
        else this.#later(fault.afterMs, () => this.#make(fault));
      }
    }
  }

  ended(): Promise<Result<undefined>> {
    this.#stop();
    return Promise.resolve(ok(undefined));
  }

  async #make(fault: Fault): Promise<void> {
    await this.#act(fault, actionOf(fault), describeFault(fault));
    if (fault.kind === "link-down") {
      this.#later(fault.forMs, () => this.#act(fault, { type: "link", up: true }, "the cable is back"));
    } else if (fault.kind === "stop-cpu") {
      this.#later(fault.forMs, () => this.#act(fault, { type: "resume-cpus" }, "all processors run again"));
    }
  }

  async #act({ name }: Fault, action: MachineAction, detail: string): Promise<void> {
    const hand = this.#hand;
    if (hand === undefined) return;
    const done = await hand.act(action);
    if (done.ok) return hand.note({ source: "fault", name, detail, ok: true });
    const why = done.error.map((problem) => problem.message).join("; ");
    hand.note({ source: "fault", name, detail: why, ok: false });
    // What the guest refuses is the guest's; what the machine cannot do makes the boot worthless.
    if (!done.error.every(isGuests)) hand.fail(`the fault \`${name}\` could not be made: ${why}`);
  }

  #later(ms: number, what: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void what();
    }, ms);
    this.#timers.add(timer);
  }

  /** Nothing more is made: the boot is decided, or over. */
  #stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
  }
}

function prepared(disk: DataDisk, faults: readonly Fault[]): DataDisk {
  const its = faults.filter((fault) => "disk" in fault && fault.disk === disk.serial);
  const removable = its.some((fault) => fault.kind === "unplug");
  const breakable = its.some((fault) => fault.kind !== "unplug");
  return { ...disk, ...(breakable ? { breakable } : {}), ...(removable ? { removable } : {}) };
}

function isGuests(problem: Problem): boolean {
  return problem.code === "CAPOS_MACHINE_GUEST_KEEPS";
}

function actionOf(fault: Fault): MachineAction {
  switch (fault.kind) {
    case "disk-error": {
      const { disk: serial, op, errno, once, offset } = fault;
      const at = offset === undefined ? {} : { offset };
      return { type: "break-disk", serial, fault: { kind: "error", op, errno, once, ...at } };
    }
    case "disk-full": {
      const full = { kind: "error", op: "write", errno: "ENOSPC", once: false } as const;
      return { type: "break-disk", serial: fault.disk, fault: full };
    }
    case "torn-write":
      return { type: "break-disk", serial: fault.disk, fault: { kind: "torn", bytes: fault.bytes } };
    case "link-down":
      return { type: "link", up: false };
    case "unplug":
      return { type: "unplug", serial: fault.disk };
    case "nmi":
    case "reset":
      return { type: fault.kind };
    case "stop-cpu":
      return { type: "stop-cpu", cpu: fault.cpu };
    default:
      return unreachable(fault);
  }
}

/** What is wrong from now on, in a few words. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "disk-error": {
      const what = fault.once ? `the next ${fault.op}` : `every ${fault.op}`;
      const where = fault.offset === undefined ? "" : ` at byte ${fault.offset}`;
      return `${what} of disk ${fault.disk}${where} fails with ${fault.errno}`;
    }
    case "disk-full":
      return `every write of disk ${fault.disk} fails with ENOSPC`;
    case "torn-write":
      return `of what is written to disk ${fault.disk}, ${fault.bytes} bytes get there`;
    case "link-down":
      return `the cable is out for ${fault.forMs} ms`;
    case "unplug":
      return `disk ${fault.disk} is gone`;
    case "nmi":
      return "a non-maskable interrupt";
    case "stop-cpu":
      return `processor ${fault.cpu} stands still for ${fault.forMs} ms`;
    case "reset":
      return "the machine is reset";
    default:
      return unreachable(fault);
  }
}
