import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { proposeCloudRuns, proposeProofs, proposeWords } from "../names.ts";
import { oneOf } from "../parse.ts";

const providers = ["gce", "local"] as const;
const hardware = ["scsi", "nvme"] as const;
const firmware = ["bios", "uefi"] as const;
/** What the allowlist lets through and the cost bound has a price for. */
const machineTypes = ["e2-small", "e2-micro"] as const;

export interface CloudbootFlags {
  readonly provider: "gce" | "local";
  readonly run: boolean;
  readonly plan: boolean;
  readonly preflightOnly: boolean;
  readonly resume?: string;
  readonly teardown?: string;
  readonly validate?: string;
  readonly publicIngress: boolean;
  readonly sweep: boolean;
  readonly dryRun: boolean;
  readonly authorisation?: string;
  readonly project?: string;
  readonly zone?: readonly string[];
  readonly bucket?: string;
  readonly subnetwork: string;
  readonly machineType: string;
  readonly boot?: "bios" | "uefi";
  readonly disk: (typeof hardware)[number];
  readonly minutes: number;
}

export const cloudboot = buildCommand<CloudbootFlags, [string?], CliContext>({
  docs: {
    brief: "Prove an image on Google Compute Engine, and leave nothing behind",
    fullDescription:
      "Uploads a proof's image, boots it on an instance that nobody can reach, judges its serial port as on any\n" +
      "machine, takes everything down and shows by listings that nothing is left; without that there is no verdict.\n" +
      "A live run needs an authorisation file, which is good once. `--provider local` does the same against a server\n" +
      "on this host that behaves as the service is documented to, and whose instances are real machines.\n\n" +
      "  capos cloudboot run-smoke --provider local\n" +
      "  capos cloudboot run-smoke --project P --zone europe-west1-b --bucket B             (prints the plan)\n" +
      "  capos cloudboot run-smoke --project P --zone Z --bucket B --run --authorisation allowed.yaml\n" +
      "  capos cloudboot --teardown RUN\n" +
      "  capos cloudboot --validate RUN\n" +
      "  capos cloudboot --sweep --project P --bucket B                                      (in every zone)",
  },
  parameters: {
    flags: {
      provider: {
        kind: "parsed",
        parse: oneOf(providers),
        proposeCompletions: proposeWords(providers),
        default: "gce",
        brief: "gce, or local: a provider on this host",
        placeholder: "name",
      },
      run: { kind: "boolean", default: false, brief: "Really run; with gce nothing is sent without it" },
      plan: { kind: "boolean", default: false, brief: "Print every call in order and the most it can cost" },
      preflightOnly: { kind: "boolean", default: false, brief: "Look at what a run needs, and make nothing" },
      resume: run("Take up a run whose tool has died: take down what it made, by its journal"),
      teardown: run("Take down what a run has made, by its journal"),
      validate: run(
        "Check offline what a finished run, or its bundle, has stored of its calls, and that it left nothing",
      ),
      publicIngress: {
        kind: "boolean",
        default: false,
        brief: "With --plan: what a run that can be reached from outside would need; it is on hold",
      },
      sweep: { kind: "boolean", default: false, brief: "Find and remove everything of ours past its time" },
      dryRun: { kind: "boolean", default: false, brief: "With --sweep: only tell what would be removed" },
      authorisation: text("File in which somebody allows this one run", "file"),
      project: text("Project id", "id"),
      zone: {
        kind: "parsed",
        parse: (value: string) => value.split(","),
        optional: true,
        brief: "Zones of one region in the order to try them, separated by commas",
        placeholder: "zones",
      },
      bucket: text("Bucket for the upload", "name"),
      subnetwork: {
        kind: "parsed",
        parse: String,
        default: "default",
        brief: "Subnetwork in the zones' region",
        placeholder: "name",
      },
      machineType: {
        kind: "parsed",
        parse: oneOf(machineTypes),
        proposeCompletions: proposeWords(machineTypes),
        default: "e2-small",
        brief: "e2-small or e2-micro",
        placeholder: "type",
      },
      boot: {
        kind: "parsed",
        parse: oneOf(firmware),
        proposeCompletions: proposeWords(firmware),
        optional: true,
        brief: "Firmware; the proof's first boot path from a disk without it",
        placeholder: "path",
      },
      disk: {
        kind: "parsed",
        parse: oneOf(hardware),
        proposeCompletions: proposeWords(hardware),
        default: "scsi",
        brief: "Controller of the boot disk: scsi or nvme",
        placeholder: "bus",
      },
      minutes: {
        kind: "parsed",
        parse: minutes,
        default: "10",
        brief: "After so long the provider itself deletes the instance",
        placeholder: "n",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "Name of a proof",
          parse: String,
          placeholder: "proof",
          optional: true,
          proposeCompletions: proposeProofs,
        },
      ],
    },
  },
  loader: async () => (await import("../run/cloudboot.ts")).cloudboot,
});

function text(brief: string, placeholder: string) {
  return { kind: "parsed", parse: String, optional: true, brief, placeholder } as const;
}

function run(brief: string) {
  return { ...text(brief, "run"), proposeCompletions: proposeCloudRuns } as const;
}

function minutes(input: string): number {
  const n = Number(input);
  if (/^\d{1,3}$/u.test(input) && n >= 1 && n <= 120) return n;
  throw new SyntaxError(`"${input}" is no number of minutes from 1 to 120`);
}
