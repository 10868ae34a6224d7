/**
 * What may go wrong with a run in a cloud, as a list, and where each is brought about: a fault that lost its test is
 * found here. P: the tool's process. H: the provider. N: the network. C: identity, time and policy. E: the evidence.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const chaos = "cloud/chaos.test.ts";
const faults = "cloud/faults.test.ts";
const endings = "harness/cli/cloudboot/endings.test.ts";
const live = "harness/cli/cloudboot/live.test.ts";
const policy = "cloud/policy/policy.test.ts";
const boot = "cloud/instance/boot.test.ts";
const records = "cloud/evidence/private-run.test.ts";
const journal = "cloud/journal/journal.test.ts";
const dying = "dies at any request, or at any record of its journal";

/** Of each fault: what it is, and the tests by file and a part of their text. */
const list: Readonly<Record<string, readonly [string, ...(readonly [string, string])[]]>> = {
  P1: ["killed before the intent is on the disk", [chaos, dying]],
  P2: ["killed behind the intent, before the request", [chaos, dying]],
  P3: ["killed when the service has accepted", [chaos, dying], [endings, "SIGKILL"]],
  P4: ["killed while an operation is waited for", [chaos, dying], [endings, "SIGKILL"]],
  P5: ["killed when a deletion was accepted", [chaos, dying], [endings, "SIGKILL"]],
  P6: ["killed while it takes down, and again", [chaos, "dies again while it is being taken down"]],
  P7: ["interrupted once", [endings, "takes down what was made, and is no verdict"]],
  P8: [
    "interrupted twice, or SIGTERM and then SIGKILL",
    [endings, "P8"],
    ["harness/cli/cloudboot.test.ts", "twice says how"],
  ],
  P9: ["hung up, or nobody reads the output", [endings, "P9"], [endings, "SIGHUP"]],
  P10: ["a fault in unrelated code", [endings, "P10"]],
  P11: ["no room for the journal", [faults, "P11"]],
  P12: ["a journal that was changed", [faults, "P12"], [journal, "is not trusted"]],
  P13: ["a journal that is gone", [faults, "P13"]],
  P14: ["a host that slept for hours", [faults, "P14"]],
  H1: ["400", [chaos, "is invalid"]],
  H2: ["401, once and for ever", [chaos, "is unauthenticated"], [faults, "H2"], [faults, "C14"]],
  H3: ["403 on a creation, on a deletion", [chaos, "is refused for good"], [faults, "H3"], [endings, "H3"]],
  H4: ["a rate limit, 429, Retry-After", [chaos, "meets the rate limit"], [chaos, "is answered 429"]],
  H5: ["no quota", [faults, "H5"], [faults, '"QUOTA_EXCEEDED"']],
  H6: ["404 right behind the creation", [faults, "H6"]],
  H7: ["404 on an operation, a zone, a deletion", [faults, "H7: the operation"], [faults, "H7: the zone"]],
  H8: ["409, and it is ours", [faults, "H8"]],
  H9: ["409, and it is a stranger's", [faults, "H9"]],
  H10: ["409 as the end of a creation", [faults, "H10"]],
  H11: ["412: the object is there", [faults, "H11"]],
  H12: ["5xx on a creation", [chaos, "is answered 503"], [chaos, "is answered 502 in HTML"]],
  H13: ["5xx on a deletion", [chaos, "is answered 503"]],
  H14: ["an operation without an end", [faults, "H14"]],
  H15: ["an operation that fails and leaves something", [faults, "H15"]],
  H16: ["an operation that fails and leaves nothing", [faults, "H16"]],
  H17: ["an operation that is done, and nothing is there", [faults, "H17"]],
  H18: ["an image that stays pending, or fails", [faults, "H18"]],
  H19: ["no capacity", [faults, "H19"]],
  H20: ["an instance that is deleted under the run", [faults, "H20"], [boot, "H20"]],
  H21: ["an instance that stops or is repaired", [boot, "H21"]],
  H22: ["what was deleted is still listed", [faults, "H22"]],
  H23: ["a disk that outlives its instance", [faults, "H23"]],
  H24: ["a list that lags or is partial", [faults, "H24: a zone"], [faults, "H24: lists lag"]],
  H25: ["unknown fields, words and types", [faults, "H25"], [chaos, "is answered by an empty object"]],
  N1: ["nobody is reached", [faults, "N1"], [live, "nobody answers"]],
  N2: [
    "a reset before, behind and in the answer",
    [chaos, "is lost before it is read"],
    [chaos, "half an answer"],
  ],
  N3: ["silence, or a byte at a time", [chaos, "is never answered"], [faults, "N3"]],
  N4: ["half a JSON with status 200", [chaos, "is answered by half an answer"]],
  N5: ["a cut in the taking down", [faults, "N5"]],
  N6: ["an upload that is cut anywhere", [faults, "N6: an upload"], [faults, "N6: the upload"]],
  N7: ["redirects", [chaos, "is redirected"], ["cloud/gce/provider.test.ts", "does not follow a redirect"]],
  N8: ["an endpoint elsewhere", ["cloud/endpoint.test.ts", "is refused"], [live, "is no endpoint"]],
  C1: ["two runs at once", [faults, "C1"]],
  C2: ["one run id twice", [faults, "C2"]],
  C3: ["taking down a run that lives", [faults, "C3"]],
  C4: ["a sweep while a run lives", [faults, "C4"]],
  C5: ["the lock of a dead process, whose number is another's now", [journal, "C5"]],
  C6: ["clocks that are hours off", [faults, "C6"]],
  C7: ["what only looks like ours", [faults, "C7"]],
  C8: ["our name, made again by somebody", [faults, "C8"]],
  C9: ["labels that were removed", [faults, "C9: what has lost"], [faults, "C7, C9"]],
  C10: ["no authorisation that covers the run", [live, "refused before anything is sent"]],
  C11: [
    "a call outside the list",
    [policy, "what may never go"],
    ["cloud/gce/provider.test.ts", "never sent, nor tried again"],
  ],
  C12: ["a body outside the list", [policy, "any other value at any place of a body"]],
  C13: ["only looking", [faults, "C13: a preflight changes nothing"]],
  C14: ["the credential is gone before the taking down", [faults, "C14"]],
  E1: ["the console overflowed between two looks", [boot, "E1"]],
  E2: ["a landmark cut between two looks", [boot, "E2"]],
  E3: ["a landmark of an earlier boot", [boot, "E3"]],
  E4: ["a landmark and then a panic", [boot, "E4"]],
  E5: ["records of another run, or changed", [records, "E5"], [boot, "E5"]],
  E6: ["proved, and not taken down", [endings, "E6"], [records, "E6"]],
  E7: ["secrets in the records", [records, "E7"], [live, "no secret of a credential"]],
};

test.each(Object.entries(list))("%s has its tests", (_, [what, ...tests]) => {
  expect(tests.length, what).toBeGreaterThan(0);
  for (const [file, text] of tests) expect(readFileSync(join(root, file), "utf8"), file).toContain(text);
});
