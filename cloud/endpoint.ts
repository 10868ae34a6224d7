import { fail, ok, problem, type Result } from "../harness/base/index.ts";
import { cloudCodes } from "./codes.ts";

/** The origin of a provider on this host. A token must never go anywhere else than to Google. */
export function checkEndpoint(endpoint: string): Result<string> {
  let url: URL | undefined;
  try {
    url = new URL(endpoint);
  } catch {}
  const isLocal = url !== undefined && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url !== undefined && isLocal && url.protocol === "http:" && url.port !== "") return ok(url.origin);
  return fail(
    problem(cloudCodes, "CAPOS_CLOUD_ENDPOINT", `"${endpoint}" is no http://127.0.0.1:PORT on this host`),
  );
}
