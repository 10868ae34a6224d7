/** An answer of the service that is an error, in its classic form. */
export class ServiceError {
  readonly status: number;
  readonly reason: string;
  readonly message: string;

  constructor(status: number, reason: string, message: string) {
    this.status = status;
    this.reason = reason;
    this.message = message;
  }

  get body(): Readonly<Record<string, unknown>> {
    const { status, reason, message } = this;
    return { error: { code: status, message, errors: [{ domain: "global", reason, message }] } };
  }
}

export const notFound = (what: string): ServiceError =>
  new ServiceError(404, "notFound", `The resource '${what}' was not found`);
export const alreadyExists = (what: string): ServiceError =>
  new ServiceError(409, "alreadyExists", `The resource '${what}' already exists`);
export const invalid = (message: string): ServiceError => new ServiceError(400, "invalid", message);
export const notReady = (what: string): ServiceError =>
  new ServiceError(400, "resourceNotReady", `The resource '${what}' is not ready`);
