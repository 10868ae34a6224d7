/** Why a call to the provider did not give what was asked. Decided by HTTP status and reason, never by a text. */
export interface Failure {
  readonly kind: FailureKind;
  /** 0 when no answer came. */
  readonly status: number;
  /** The provider's own word, such as `quotaExceeded`; empty when it gave none. */
  readonly reason: string;
  /** One sentence for a person. */
  readonly message: string;
  /** Seconds that the provider asks to wait. */
  readonly retryAfter?: number;
}

export type FailureKind =
  /** The thing is not there. */
  | "absent"
  /** A thing of that name is there already. */
  | "exists"
  /** Another operation is in the way, or a precondition does not hold. */
  | "conflict"
  | "denied"
  /** The credential is not accepted at all. */
  | "unauthenticated"
  | "quota"
  | "rate"
  /** No capacity in that zone. */
  | "stock-out"
  /** Not now, but soon: the resource is being made or changed. */
  | "not-ready"
  | "invalid"
  /** The service failed or was not reached: whether the call was taken is not known. */
  | "unavailable"
  /** Our own allowlist stopped it. Nothing was sent. */
  | "refused"
  /** We stopped waiting for it. */
  | "aborted";

/** The failure that an HTTP answer means. */
export function failureOf(status: number, body: string, retryAfter: string | null = null): Failure {
  const { reason, message } = readError(body);
  const kind = kindOf(status, reason);
  const wait = retryAfter !== null && /^\d{1,5}$/u.test(retryAfter) ? { retryAfter: Number(retryAfter) } : {};
  return { kind, status, reason, message: message === "" ? `HTTP ${status}` : message, ...wait };
}

/** The failure that an operation ended with, by the code of its first error. */
export function operationFailure(code: string, message: string): Failure {
  const base = { status: 200, reason: code, message: message === "" ? code : message };
  if (code.startsWith("ZONE_RESOURCE_POOL_EXHAUSTED") || code === "INSUFFICIENT_CAPACITY") {
    return { kind: "stock-out", ...base };
  }
  switch (code) {
    case "QUOTA_EXCEEDED":
      return { kind: "quota", ...base };
    case "RESOURCE_NOT_FOUND":
      return { kind: "absent", ...base };
    case "RESOURCE_ALREADY_EXISTS":
      return { kind: "exists", ...base };
    case "RESOURCE_NOT_READY":
    case "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE":
      return { kind: "not-ready", ...base };
    case "CONFLICT":
    case "OPERATION_CANCELED_BY_USER":
      return { kind: "conflict", ...base };
    default:
      return { kind: "invalid", ...base };
  }
}

function kindOf(status: number, reason: string): FailureKind {
  switch (reason) {
    case "rateLimitExceeded":
    case "userRateLimitExceeded":
      return "rate";
    case "quotaExceeded":
      return "quota";
    case "resourceNotReady":
      return "not-ready";
    case "insufficientCapacity":
      return "stock-out";
  }
  switch (status) {
    case 400:
      return "invalid";
    case 401:
      return "unauthenticated";
    case 403:
      return "denied";
    case 404:
    case 410:
      return "absent";
    case 409:
      return reason === "alreadyExists" || reason === "" ? "exists" : "conflict";
    case 412:
      return "exists";
    case 408:
      return "unavailable";
    case 429:
      return "rate";
    default:
      // A redirect is never followed; whatever else says nothing about the call.
      return status >= 500 || status < 400 ? "unavailable" : "invalid";
  }
}

/** Google's error body; what is none (an HTML page of a proxy) has no reason. */
function readError(body: string): { readonly reason: string; readonly message: string } {
  try {
    const value: unknown = JSON.parse(body);
    const error = field(value, "error");
    const first = Array.isArray(field(error, "errors")) ? field(field(error, "errors"), "0") : undefined;
    return { reason: textOf(field(first, "reason")), message: textOf(field(error, "message")) };
  } catch {
    return { reason: "", message: "" };
  }
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([k]) => k === key)?.[1];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 500) : "";
}
