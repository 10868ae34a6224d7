import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Failure, failureOf, operationFailure } from "./failure.ts";
import { defaultPolicy, nextStep } from "./retry.ts";

function body(reason: string, status = 403): string {
  return JSON.stringify({ error: { code: status, message: "said so", errors: [{ reason }] } });
}

describe("a failure is known by status and reason", () => {
  test.each([
    [400, "invalid", "invalid"],
    [400, "resourceNotReady", "not-ready"],
    [401, "authError", "unauthenticated"],
    [403, "forbidden", "denied"],
    [403, "rateLimitExceeded", "rate"],
    [403, "quotaExceeded", "quota"],
    [404, "notFound", "absent"],
    [409, "alreadyExists", "exists"],
    [409, "resourceInUseByAnotherResource", "conflict"],
    [412, "conditionNotMet", "exists"],
    [429, "rateLimitExceeded", "rate"],
    [500, "backendError", "unavailable"],
    [503, "", "unavailable"],
  ])("%s %s is %s", (status, reason, kind) => {
    expect(failureOf(status, body(reason, status))).toMatchObject({
      kind,
      status,
      reason,
      message: "said so",
    });
  });

  test("whatever the body is: HTML, nothing, or chance", () => {
    expect(failureOf(502, "<html>bad gateway</html>")).toMatchObject({ kind: "unavailable", reason: "" });
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 599 }),
        fc.string(),
        fc.option(fc.string()),
        (status, text, after) => {
          expect(failureOf(status, text, after).status).toBe(status);
        },
      ),
    );
  });

  test.each([
    ["ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS", "stock-out"],
    ["QUOTA_EXCEEDED", "quota"],
    ["RESOURCE_NOT_FOUND", "absent"],
    ["SOMETHING_NEW", "invalid"],
  ])("an operation that ended with %s is %s", (code, kind) =>
    expect(operationFailure(code, "")).toMatchObject({ kind, reason: code, message: code }),
  );
});

const kinds: readonly Failure["kind"][] = [
  "absent",
  "denied",
  "rate",
  "unavailable",
  "not-ready",
  "quota",
  "refused",
];
const anyFailure: fc.Arbitrary<Failure> = fc.record(
  {
    kind: fc.constantFrom(...kinds),
    status: fc.constant(0),
    reason: fc.constant(""),
    message: fc.constant(""),
    retryAfter: fc.nat({ max: 100 }),
  },
  { requiredKeys: ["kind", "status", "reason", "message"] },
);

describe("repeating", () => {
  test("a creation that may have been taken is looked up first; a deletion is simply repeated", () => {
    const lost = failureOf(503, "");
    expect(nextStep(lost, "create", 1, 0, 0.5).do).toBe("look");
    expect(nextStep(lost, "delete", 1, 0, 0.5).do).toBe("again");
    expect(nextStep(failureOf(429, ""), "create", 1, 0, 0.5).do).toBe("again");
    expect(nextStep(failureOf(403, body("forbidden")), "read", 1, 0, 0.5).do).toBe("stop");
  });

  test("keeps to what the provider asks for, and to the budget", () => {
    expect(nextStep(failureOf(429, "", "7"), "read", 1, 0, 0)).toEqual({ do: "again", afterMs: 7000 });
    expect(nextStep(failureOf(429, "", "700"), "read", 1, 0, 0)).toEqual({ do: "stop" });
  });

  test("always ends: the waits of any failures stay within the budget", () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(anyFailure),
        fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true })),
        (f, r) => {
          let spent = 0;
          for (let attempt = 1; ; attempt++) {
            expect(attempt).toBeLessThan(600);
            const step = nextStep(f.next().value!, "read", attempt, spent, r.next().value!);
            if (step.do === "stop") return;
            expect(step.afterMs).toBeGreaterThan(0);
            spent += step.afterMs;
            expect(spent).toBeLessThanOrEqual(defaultPolicy.budgetMs);
          }
        },
      ),
    );
  });
});
