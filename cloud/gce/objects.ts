import { createHash } from "node:crypto";
import { createReadStream, openSync, closeSync, readSync, statSync } from "node:fs";
import type { ResourceRef, Scope } from "../types.ts";
import { fieldOf, type Found, listIn, nextPage, type Operation, textIn } from "./answers.ts";
import type { Door } from "./door.ts";
import type { Failure } from "./failure.ts";
import type { Answer } from "./provider.ts";

type ObjectRef = Extract<ResourceRef, { kind: "object" }>;

/** Objects of Cloud Storage by its JSON API. The upload goes through the same door as everything else. */
export interface ObjectStore {
  get(ref: ObjectRef): Promise<Answer<Found>>;
  remove(ref: ObjectRef): Promise<Answer<Operation | undefined>>;
  /** Objects below `capos/`. */
  list(): Promise<Answer<readonly Found[]>>;
  /** Opens an upload that refuses to write over anything; gives its address, which is a secret. */
  begin(ref: ObjectRef, labels: Readonly<Record<string, string>>): Promise<Answer<string>>;
  /** Sends what is missing; may be called again after a failure and goes on where the service stands. */
  send(session: string, file: string, progress: (sent: number, of: number) => void): Promise<Answer<Found>>;
  /** Which of these permissions the credential has on the bucket. */
  permissions(asked: readonly string[]): Promise<Answer<readonly string[]>>;
  /** Which of these permissions the credential has in the project. */
  projectPermissions(asked: readonly string[]): Promise<Answer<readonly string[]>>;
}

/** Pieces of an upload are multiples of 256 KiB. */
const chunkBytes = 8 << 20;

export interface ObjectStoreOptions {
  readonly scope: Scope;
  readonly door: Door;
}

export function openObjectStore({ scope, door }: ObjectStoreOptions): ObjectStore {
  const storage = "https://storage.googleapis.com";
  const resources = "https://cloudresourcemanager.googleapis.com";
  const bucket = `${storage}/storage/v1/b/${encodeURIComponent(scope.bucket)}`;
  const place = (ref: ObjectRef): string => `${bucket}/o/${encodeURIComponent(ref.name)}`;
  const json = (url: string, init: RequestInit = {}): Promise<Answer<unknown>> =>
    door.call(async () => {
      const answer = await door.fetch(url, { ...init, headers: { "content-type": "application/json" } });
      return answer.status === 204 ? {} : answer.json();
    });

  return {
    get: async (ref) => mapped(await json(place(ref)), readObject),
    remove: async (ref) => mapped(await json(place(ref), { method: "DELETE" }), () => ({ value: undefined })),
    list: () =>
      door.call(async () => {
        const found: Found[] = [];
        let token = "";
        let pages = 0;
        do {
          const page = token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`;
          const answer: unknown = await (await door.fetch(`${bucket}/o?prefix=capos/${page}`)).json();
          for (const item of listIn(answer, "items")) {
            const object = readObject(item);
            if ("value" in object) found.push(object.value);
          }
          token = nextPage(textIn(answer, "nextPageToken"), ++pages);
        } while (token !== "");
        return found;
      }),
    begin: (ref, labels) =>
      door.call(async () => {
        const name = encodeURIComponent(ref.name);
        const url = `${storage}/upload/storage/v1/b/${encodeURIComponent(scope.bucket)}/o?uploadType=resumable&ifGenerationMatch=0&name=${name}`;
        const answer = await door.fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ contentType: "application/gzip", metadata: labels }),
        });
        const session = answer.headers.get("location");
        if (session === null) throw new Error("the service opened an upload without an address");
        return session;
      }),
    async send(session, file, progress) {
      const size = statSync(file).size;
      const sent = await door.call(() => sendRest(door, session, file, size, progress));
      if ("failure" in sent) return sent;
      const object = readObject(sent.value);
      if ("failure" in object) return object;
      const md5 = await md5Of(file);
      if (textIn(sent.value, "md5Hash") !== md5 || textIn(sent.value, "size") !== String(size)) {
        return damaged(`the stored object is not what was sent`);
      }
      return object;
    },
    async permissions(asked) {
      const query = asked.map((p) => `permissions=${p}`).join("&");
      return mapped(await json(`${bucket}/iam/testPermissions?${query}`), readPermissions);
    },
    async projectPermissions(asked) {
      const url = `${resources}/v1/projects/${scope.project}:testIamPermissions`;
      const body = JSON.stringify({ permissions: asked });
      return mapped(await json(url, { method: "POST", body }), readPermissions);
    },
  };
}

/** Asks where the upload stands, then sends from there to the end. */
async function sendRest(
  door: Door,
  session: string,
  file: string,
  size: number,
  progress: (sent: number, of: number) => void,
): Promise<unknown> {
  const put = (range: string, body?: Uint8Array<ArrayBuffer>): Promise<Response> =>
    door.fetch(session, {
      method: "PUT",
      headers: { "content-range": range },
      ...(body === undefined ? {} : { body }),
    });
  let answer = await put(`bytes */${size}`);
  const fd = openSync(file, "r");
  let last = -1;
  try {
    while (answer.status === 308) {
      const from = nextByte(answer);
      if (from <= last || from >= size) throw new Error("the service takes nothing of the upload");
      last = from;
      progress(from, size);
      const chunk = new Uint8Array(Math.min(chunkBytes, size - from));
      readSync(fd, chunk, 0, chunk.length, from);
      answer = await put(`bytes ${from}-${from + chunk.length - 1}/${size}`, chunk);
    }
  } finally {
    closeSync(fd);
  }
  if (!answer.ok) throw new Error(`the upload ended with HTTP ${answer.status}`);
  progress(size, size);
  return answer.json();
}

/** `range: bytes=0-41` says that 42 bytes are stored; no such header says that none are. */
function nextByte(answer: Response): number {
  const stored = /^bytes=0-(\d+)$/u.exec(answer.headers.get("range") ?? "")?.[1];
  return stored === undefined ? 0 : Number(stored) + 1;
}

async function md5Of(file: string): Promise<string> {
  const hash = createHash("md5");
  for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest("base64");
}

function readObject(value: unknown): Answer<Found> {
  const [name, id] = [textIn(value, "name"), textIn(value, "generation")];
  if (name === undefined || id === undefined) return damaged("the answer names no object");
  const metadata = Object.entries(Object(fieldOf(value, "metadata"))).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const createdMs = Date.parse(textIn(value, "timeCreated") ?? "");
  const created = Number.isNaN(createdMs) ? {} : { createdMs };
  return { value: { name, id, status: "READY", labels: Object.fromEntries(metadata), ...created } };
}

function readPermissions(value: unknown): Answer<readonly string[]> {
  return { value: listIn(value, "permissions").filter((p): p is string => typeof p === "string") };
}

function mapped<T, U>(answer: Answer<T>, read: (value: T) => Answer<U>): Answer<U> {
  return "failure" in answer ? answer : read(answer.value);
}

function damaged(message: string): { readonly failure: Failure } {
  return { failure: { kind: "unavailable", status: 200, reason: "unreadable", message } };
}
