import { problem } from "../../base/index.ts";
import type { CloudbootFlags } from "../commands/cloudboot.ts";
import type { CliContext } from "../context.ts";
import type { CloudRoom } from "./room.ts";

/** Plans what a run that can be reached from outside would need. It is never run, whatever else is asked for. */
export function planIngress(
  context: CliContext,
  cloud: CloudRoom,
  flags: CloudbootFlags,
  scope: Parameters<CloudRoom["costBound"]>[0],
): void {
  const { calls, permissions, hold } = cloud.ingressPlan("<run>", scope);
  context.print(
    [
      "public ingress would add to a private run:",
      ...calls.map(({ method, path, why }) => `  ${method.padEnd(6)} ${path}  (${why})`),
      `permissions beside those of a private run: ${permissions.join(", ")}`,
      "on hold, since",
      ...hold.map((why) => `  ${why}`),
    ].join("\n"),
  );
  if (flags.plan && !flags.run) return;
  context.report([
    problem(cloud.cloudCodes, "CAPOS_CLOUD_PUBLIC_HOLD", "a run with public ingress is planned and not made"),
  ]);
}
