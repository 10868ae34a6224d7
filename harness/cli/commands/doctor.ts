import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

export interface DoctorFlags {
  readonly json: boolean;
}

export const doctor = buildCommand<DoctorFlags, [], CliContext>({
  docs: { brief: "Say what is installed, what is missing and the one command that mends it" },
  parameters: { flags: { json: { kind: "boolean", default: false, brief: "Print the findings as JSON" } } },
  loader: async () => (await import("../run/doctor.ts")).doctor,
});
