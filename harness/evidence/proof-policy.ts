import { array, count, matching, object, string } from "./decode.ts";

const day = matching(/^\d{4}-\d{2}-\d{2}$/u, "a day such as 2026-01-31");

/** What a stored proof says of its own failures: shown with its evidence, and closing looks at it. */
export const policyFields = {
  quarantine: object({ reason: string, ticket: string, owner: string, until: day }),
  warnUntil: day,
  /** What else was to be proved; the machine says which point this is. */
  axes: object({}, { cpus: array(count), memoryBytes: array(count) }),
};
