import { defineCodes } from "../base/index.ts";

export const evidenceCodes = defineCodes({
  CAPOS_EVIDENCE_FORMAT: {
    exit: "invalid",
    summary: "A stored file of a run, bundle or ledger is not in the form that this version writes.",
    next: "prove again; only what lies below tasks/ can be restored from version control",
  },
  CAPOS_EVIDENCE_MISSING: {
    exit: "invalid",
    summary: "A file that the evidence needs is not there.",
    next: "prove again; only what lies below tasks/ can be restored from version control",
  },
  CAPOS_EVIDENCE_UNFINISHED: {
    exit: "notProved",
    summary: "A run has started and has no verdict: its runner died or is still at work.",
    next: "prove again",
  },
  CAPOS_EVIDENCE_CHANGED: {
    exit: "invalid",
    summary: "Bytes of a bundle or of a run directory are not the bytes that were stored.",
    next: "prove again; only what lies below tasks/ can be restored from version control",
  },
  CAPOS_EVIDENCE_INCONSISTENT: {
    exit: "invalid",
    summary: "Two statements of the same evidence contradict each other.",
    next: "prove again; evidence cannot be repaired",
  },
  CAPOS_EVIDENCE_JUDGED_OTHERWISE: {
    exit: "notProved",
    summary: "The stored consoles, judged again, do not give the stored judgement.",
    next: "run `capos judge` on the consoles to see what is judged differently, then prove again",
  },
  CAPOS_EVIDENCE_SIZE: {
    exit: "notProved",
    summary: "A file of the case is larger than a bundle may hold.",
    next: "make the guest print less, and prove again",
  },
  CAPOS_EVIDENCE_WRITE: {
    exit: "host",
    summary: "A file of the run could not be written.",
    next: "free some space, or make .capos writable, and prove again",
  },
  CAPOS_EVIDENCE_KEY: {
    exit: "usage",
    summary: "A key file does not hold an ed25519 key in PEM form.",
    next: "make one with `openssl genpkey -algorithm ed25519 -out key.pem`",
  },
  CAPOS_EVIDENCE_SIGNATURE: {
    exit: "invalid",
    summary: "A signed statement does not carry a valid signature of the given key.",
    next: "check that the key is the signer's; otherwise do not trust the statement",
  },
  CAPOS_LEDGER_CHANGED: {
    exit: "invalid",
    summary: "A ledger file is not the one that its name and the other files speak of.",
    next: "restore the file from version control; entries are never edited",
  },
  CAPOS_LEDGER_MISSING: {
    exit: "invalid",
    summary: "A ledger entry or a bundle that another file names is not there.",
    next: "restore the file from version control",
  },
  CAPOS_LEDGER_STRAY: {
    exit: "invalid",
    summary: "A file among the evidence belongs to no ledger entry.",
    next: "remove it, or run `capos task close` again if a closing was interrupted",
  },
});
