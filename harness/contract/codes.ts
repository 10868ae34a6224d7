import { defineCodes } from "../base/index.ts";

export const contractCodes = defineCodes({
  CAPOS_PROOF_PATTERN: {
    exit: "invalid",
    summary: "A landmark line is not a pattern: literal text with captures `<name:type>`.",
    next: "see the pattern types in docs/proofs.md",
  },
  CAPOS_PROOF_EXPRESSION: {
    exit: "invalid",
    summary: "`foreign` or `closed` is not a regular expression, or one that would make every line doubtful.",
    next: "see `foreign` and `closed` in docs/proofs.md",
  },
  CAPOS_PROOF_DUPLICATE: {
    exit: "invalid",
    summary: "Two boots of a proof, or two landmarks of a boot, have the same name.",
    next: "rename one of them",
  },
  CAPOS_PROOF_UNKNOWN_NAME: {
    exit: "invalid",
    summary: "A proof names a boot, a landmark or a capture that it does not declare.",
    next: "write names as they are declared; a capture is `boot.landmark.capture`",
  },
  CAPOS_PROOF_TYPES: {
    exit: "invalid",
    summary: "Captures of different kinds are compared, or a capture that is no number is bounded.",
    next: "give both captures the same type",
  },
  CAPOS_PROOF_AMBIGUOUS: {
    exit: "invalid",
    summary: "One console line could be two landmarks of a boot, so the judge could not tell which was seen.",
    next: "make the literal parts of the two lines differ",
  },
  CAPOS_PROOF_CONTRADICTION: {
    exit: "invalid",
    summary: "A proof asks for something that it forbids, so that nothing could ever prove it.",
    next: "narrow the forbidden text, or arm it between other landmarks",
  },
  CAPOS_PROOF_EXPIRED: {
    exit: "invalid",
    summary: "The quarantine of a proof, or the time in which it only warned, is over.",
    next: "remove the entry when the proof is sound again; otherwise its owner gives it a new date and says why",
  },
  CAPOS_PROOF_TOO_LONG: {
    exit: "invalid",
    summary: "Failures of a proof would not count for longer than a quarantine may last.",
    next: "choose a nearer date, or remove the proof",
  },
  CAPOS_PROOF_DEAD: {
    exit: "invalid",
    summary: "Part of a proof can never take effect: what it seems to check would not be checked.",
    next: "remove it, or say what was meant",
  },
  CAPOS_PROOF_TARGETS_DIFFER: {
    exit: "notProved",
    summary:
      "A capture that must be the same everywhere is not: the guest does different things on different targets.",
    next: "judge the cases one by one, and look for what depends on the boot path, the accelerator or the machine",
  },
  CAPOS_JUDGE_PROOF: {
    exit: "usage",
    summary: "A raw console was given, and no proof to judge it by.",
    next: "name one with --proof; a stored case knows its own",
  },
  CAPOS_JUDGE_BOOT: {
    exit: "usage",
    summary: "The consoles that were given are not the boots of the proof.",
    next: "give one console for each boot in their order, or one of them with --boot",
  },
  CAPOS_JUDGE_WHAT: {
    exit: "usage",
    summary: "What is to be judged cannot be read, or is nothing that can be judged.",
    next: "give raw consoles, the directory of a case or of a run, or a bundle",
  },
  CAPOS_PROOF_FORK: {
    exit: "invalid",
    summary: "A proof cannot go on from the shared boot that it names.",
    next: "name a landmark of a proof with the same image, machine and disks, or drop `from`",
  },
});
