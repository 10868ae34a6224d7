import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result } from "../../base/index.ts";
import { createSupervisor } from "../../process/index.ts";
import type { CloudRoom } from "./room.ts";

type Scope = Parameters<CloudRoom["costBound"]>[0];

/** How requests reach the provider. */
export interface Way {
  readonly endpoint?: string;
  readonly headers: (fresh?: boolean) => Promise<Headers>;
  /** Everything that the provider still holds, where that can be seen from outside of its interface. */
  readonly inventory?: () => readonly string[];
  close(): Promise<void>;
}

/** Google's service, by the credential of this account. */
export async function googleWay(cloud: CloudRoom, root: string, project: string): Promise<Result<Way>> {
  const headers = await cloud.googleHeaders(root, project);
  return headers.ok ? ok({ headers: headers.value, close: () => Promise.resolve() }) : headers;
}

/** A provider in this process, gone with it: nothing of it outlives the command. */
export async function localWay(
  cloud: CloudRoom,
  root: string,
  scope: Scope,
  env: NodeJS.ProcessEnv,
): Promise<Result<Way>> {
  // One that outlives this command, for tests of what happens when the command does not.
  const elsewhere = env["CAPOS_CLOUD_ENDPOINT"];
  if (elsewhere !== undefined) {
    const endpoint = cloud.checkEndpoint(elsewhere);
    return endpoint.ok ? ok(wayTo(endpoint.value)) : endpoint;
  }
  const operationMs = Number(env["CAPOS_CLOUD_OPERATION_MS"]);
  const parent = join(root, ".capos", "cloud");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "local-"));
  const supervisor = createSupervisor(`cloud-${process.pid}-${randomBytes(4).toString("hex")}`);
  const fake = await cloud.startFake({
    project: scope.project,
    zones: scope.zones,
    bucket: scope.bucket,
    folder,
    supervisor,
    room: cloud.qemuRoom(supervisor),
    ...(operationMs > 0 ? { nature: { operationMs } } : {}),
  });
  return ok({
    ...wayTo(fake.endpoint),
    inventory: () => fake.state.inventory(),
    async close() {
      await fake.close();
      await supervisor.close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** A provider on this host asks for no credential. */
export function wayTo(endpoint: string): Way {
  return { endpoint, headers: () => Promise.resolve(new Headers()), close: () => Promise.resolve() };
}
