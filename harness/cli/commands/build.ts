import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeImages } from "../names.ts";
import { text } from "../parse.ts";

export interface BuildFlags {
  readonly disk: boolean;
  readonly out?: string;
  readonly json: boolean;
}

export const build = buildCommand<BuildFlags, [string], CliContext>({
  docs: {
    brief: "Build an image: kernel, programs, boot module, disk",
    fullDescription:
      "Builds what manifests/<image>.cue declares: the direct-boot pair (kernel and boot module) and a hybrid\n" +
      "BIOS and UEFI disk. The same inputs and tool versions give the same bytes.",
  },
  parameters: {
    flags: {
      disk: { kind: "boolean", default: true, brief: "Also write the bootable disk" },
      out: {
        kind: "parsed",
        parse: text,
        optional: true,
        brief: "Folder to copy the files to",
        placeholder: "dir",
      },
      json: { kind: "boolean", default: false, brief: "Print the result as JSON" },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Name of an image", parse: text, placeholder: "image", proposeCompletions: proposeImages },
      ],
    },
  },
  loader: async () => (await import("../run/build.ts")).build,
});
