import type { Socket } from "node:net";
import { fail, ok, problem, type Result, unreachable } from "../../base/index.ts";
import type { MachineAction } from "../actions.ts";
import { machineCodes } from "../codes.ts";
import type { Breakage } from "./break.ts";
import type { Qmp } from "./qmp.ts";

/** What an action works on. */
export interface Reach {
  readonly qmp: Qmp;
  readonly breakage: Breakage;
  readonly ports: { readonly console: Socket; readonly terminal?: Socket };
}

/** Does one thing to a running emulator. The error is a host that could not do it. */
export async function act(reach: Reach, action: MachineAction): Promise<Result<undefined>> {
  switch (action.type) {
    case "send":
      return send(reach.ports[action.port], action);
    case "nmi":
      return told(action, reach.qmp.execute("inject-nmi"));
    case "reset":
      return told(action, reach.qmp.execute("system_reset"));
    case "link":
      return told(action, reach.qmp.execute("set_link", { name: "net", up: action.up }));
    case "break-disk":
      return told(action, reach.breakage.breakDisk(action));
    case "unplug":
      return unplug(reach.breakage, action);
    case "stop-cpu":
      return told(action, reach.breakage.stopCpu(action.cpu));
    case "resume-cpus":
      return told(action, reach.breakage.resumeCpus());
    default:
      return unreachable(action);
  }
}

/** A guest that does not let go is told apart from a host that cannot ask it. */
async function unplug(
  breakage: Breakage,
  action: Extract<MachineAction, { type: "unplug" }>,
): Promise<Result<undefined>> {
  const left = await breakage.unplug(action.serial);
  if (!left.ok) return refused(action, left.error);
  if (left.value) return ok(undefined);
  const message = `the guest was asked to let go of the disk ${action.serial} and does not`;
  return fail(problem(machineCodes, "CAPOS_MACHINE_GUEST_KEEPS", message));
}

async function told(
  action: MachineAction,
  answer: Promise<Result<unknown, string>>,
): Promise<Result<undefined>> {
  const said = await answer;
  return said.ok ? ok(undefined) : refused(action, said.error);
}

function send(
  port: Socket | undefined,
  action: Extract<MachineAction, { type: "send" }>,
): Promise<Result<undefined>> {
  if (port === undefined) return Promise.resolve(refused(action, `the machine has no ${action.port}`));
  return new Promise((resolve) => {
    port.write(action.bytes, (error) =>
      resolve(error === undefined || error === null ? ok(undefined) : refused(action, error.message)),
    );
  });
}

function refused(action: MachineAction, why: string): Result<never> {
  return fail(
    problem(machineCodes, "CAPOS_MACHINE_ACTION", `the machine could not do ${action.type}: ${why}`),
  );
}
