import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeImages, proposeWords } from "../names.ts";
import { oneOf, text } from "../parse.ts";

const providerNames = ["gcp", "aws", "azure"] as const;
const formatNames = ["gce-tar", "raw", "vhd", "vmdk"] as const;

export interface PackageFlags {
  readonly provider: (typeof providerNames)[number];
  readonly format?: (typeof formatNames)[number];
  readonly out: string;
  readonly json: boolean;
}

export const packageImage = buildCommand<PackageFlags, [string], CliContext>({
  docs: {
    brief: "Pack an image's disk for a cloud provider",
    fullDescription:
      "Builds the hybrid BIOS and UEFI disk of an image and packs it as the provider imports it: gcp a disk.raw in\n" +
      "an old-GNU sparse tar.gz, aws a stream-optimized VMDK (or raw, or a fixed VHD), azure a fixed VHD. The disk\n" +
      "grows to the provider's unit and its backup partition table moves to the new end. The same image always\n" +
      "gives the same bytes.\n\n" +
      "  capos package smoke --provider gcp\n" +
      "  capos package smoke --provider aws --format raw --out dist",
  },
  parameters: {
    flags: {
      provider: {
        kind: "parsed",
        parse: oneOf(providerNames),
        proposeCompletions: proposeWords(providerNames),
        brief: "gcp, aws or azure",
        placeholder: "name",
      },
      format: {
        kind: "parsed",
        parse: oneOf(formatNames),
        proposeCompletions: proposeWords(formatNames),
        optional: true,
        brief: "gce-tar, raw, vhd or vmdk; the provider's usual one without it",
        placeholder: "format",
      },
      out: {
        kind: "parsed",
        parse: text,
        default: "dist",
        brief: "Folder of the package",
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
  loader: async () => (await import("../run/package.ts")).packageImage,
});
