import { defineCodes } from "../harness/base/index.ts";

export const cloudCodes = defineCodes({
  CAPOS_CLOUD_UNAUTHORISED: {
    exit: "invalid",
    summary: "A live run needs an authorisation file, and there is none or it cannot be read.",
    next: "write one as docs/cloudboot.md shows and name it by --authorisation",
  },
  CAPOS_CLOUD_AUTHORISATION_FORM: {
    exit: "invalid",
    summary: "An authorisation file does not say what it must.",
    next: "correct the field; docs/cloudboot.md lists all of them",
  },
  CAPOS_CLOUD_AUTHORISATION_EXPIRED: {
    exit: "invalid",
    summary: "The authorisation's time is over, or has not come.",
    next: "have a new authorisation written for this run",
  },
  CAPOS_CLOUD_AUTHORISATION_USED: {
    exit: "invalid",
    summary: "An authorisation is good for one run, and this one has been used.",
    next: "have a new authorisation written; --resume and --teardown of the old run need none",
  },
  CAPOS_CLOUD_AUTHORISATION_SCOPE: {
    exit: "invalid",
    summary: "The run would do more than its authorisation allows.",
    next: "change the run's settings, or have an authorisation written that covers them",
  },
  CAPOS_CLOUD_REFUSED: {
    exit: "host",
    summary: "A request outside the allowlist was stopped before it left.",
    next: "report it: the tool must never make such a request",
  },
  CAPOS_CLOUD_CREDENTIAL: {
    exit: "host",
    summary: "There is no credential for the provider, or it is not accepted.",
    next: "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS",
  },
  CAPOS_CLOUD_SETTINGS: {
    exit: "usage",
    summary: "A setting that a cloud run needs is missing or is none.",
    next: "give --project, --zone, --bucket and --subnetwork; docs/cloudboot.md says what they are",
  },
  CAPOS_CLOUD_ENDPOINT: {
    exit: "usage",
    summary: "Another endpoint than Google's may only be on this host.",
    next: "use a loopback address, or leave the endpoint out",
  },
  CAPOS_CLOUD_JOURNAL: {
    exit: "host",
    summary: "The journal of a run could not be written or cannot be trusted.",
    next: "run `capos cloudboot --sweep`: it finds what is left without the journal",
  },
  CAPOS_CLOUD_CLIENT: {
    exit: "tool",
    summary: "Google's client library is not installed.",
    next: "run `make setup-cloud`",
  },
  CAPOS_CLOUD_CALL: {
    exit: "host",
    summary: "The provider refused or failed a call that the run needs.",
    next: "read the provider's words above; `capos cloudboot PROOF --preflight-only` looks at what a run needs",
  },
  CAPOS_CLOUD_SERIAL: {
    exit: "host",
    summary: "A part of the instance's console could not be read.",
    next: "run it again: what is missing can neither be proved nor refuted",
  },
  CAPOS_CLOUD_LEFT: {
    exit: "host",
    summary: "Something that the run made could not be shown to be gone.",
    next: "run `capos cloudboot --teardown RUN`, then `capos cloudboot --sweep`; what is left may cost money",
  },
  CAPOS_CLOUD_PREFLIGHT: {
    exit: "host",
    summary: "Something that a run needs is not there, so nothing was made.",
    next: "mend what is named above; docs/cloudboot.md lists the permissions",
  },
  CAPOS_CLOUD_EVIDENCE: {
    exit: "invalid",
    summary: "What a run has stored of its calls does not show that it kept to its bounds and left nothing.",
    next: "run it again; evidence cannot be repaired",
  },
  CAPOS_CLOUD_PUBLIC_HOLD: {
    exit: "invalid",
    summary: "A run that can be reached from outside is planned and not made: it is on hold.",
    next: "read its plan by --plan --public-ingress; tasks/cloudboot-public-ingress.md says what lifts the hold",
  },
  CAPOS_CLOUD_RUN_UNKNOWN: {
    exit: "usage",
    summary: "There is no journal of this run here.",
    next: "give the run id as it was printed, or run `capos cloudboot --sweep`",
  },
});
