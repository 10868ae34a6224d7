import { createRequire } from "node:module";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../../harness/base/index.ts";
import { cloudCodes } from "../codes.ts";
import type { CredentialHeaders } from "./door.ts";

/** What is asked for, and no more: the machines, and the objects of the upload. */
const scopes = [
  "https://www.googleapis.com/auth/compute",
  "https://www.googleapis.com/auth/devstorage.read_write",
  "https://www.googleapis.com/auth/cloudplatformprojects.readonly",
];

/**
 * The headers of the credential that this account is set up with (Application Default Credentials), refreshed as they
 * run out. A credential that cannot be had is a value here: inside Google's client it would end the process.
 */
export async function googleHeaders(root: string, projectId: string): Promise<Result<CredentialHeaders>> {
  const load = createRequire(join(root, "cloud/client/package.json"));
  try {
    const gax: unknown = load("google-gax");
    let client = await authIn(gax, projectId).getClient();
    await client.getRequestHeaders();
    return ok(async (fresh = false) => {
      // A client keeps its token until it runs out, even when the service has taken it back.
      if (fresh) client = await authIn(gax, projectId).getClient();
      return new Headers(await client.getRequestHeaders());
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return fail(problem(cloudCodes, "CAPOS_CLOUD_CREDENTIAL", firstLine(message)));
  }
}

interface Auth {
  getClient(): Promise<{ getRequestHeaders(): Promise<Headers | Record<string, string>> }>;
}

function authIn(gax: unknown, projectId: string): Auth {
  const found: unknown = Object(gax)["googleAuthLibrary"];
  const Made: unknown = Object(found)["GoogleAuth"];
  if (!isAuthClass(Made)) throw new Error("Google's client has no GoogleAuth");
  // Were the project not said, the library would ask for it, by a request that nobody has allowed.
  return new Made({ scopes, projectId });
}

function isAuthClass(value: unknown): value is new (options: object) => Auth {
  return typeof value === "function";
}

/** What follows may name files and accounts. */
function firstLine(message: string): string {
  return message.split("\n")[0]?.slice(0, 200) ?? "";
}
