import { fail, ok, problem, type Result } from "../harness/base/index.ts";
import { cloudCodes } from "./codes.ts";

/**
 * The origin of a provider on this host. A token must never go anywhere else than to Google, so only an address that
 * can mean nothing else is taken, as it stands: no name, which a resolver could lead elsewhere, no user, no path.
 */
export function checkEndpoint(endpoint: string): Result<string> {
  const port = /^http:\/\/(?:127\.0\.0\.1|\[::1\]):([1-9]\d{0,4})$/u.exec(endpoint)?.[1];
  if (port !== undefined && Number(port) < 65_536) return ok(endpoint);
  const message = `${JSON.stringify(endpoint.slice(0, 80))} is no http://127.0.0.1:PORT on this host`;
  return fail(problem(cloudCodes, "CAPOS_CLOUD_ENDPOINT", message));
}
