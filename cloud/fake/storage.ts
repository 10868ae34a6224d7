import { createHash } from "node:crypto";
import { appendFileSync, rmSync, statSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "./crc32c.ts";
import { invalid, notFound, ServiceError } from "./errors.ts";
import { isJson, type Json, type Project, type StoredObject } from "./project.ts";

interface Session {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly file: string;
  total: number | undefined;
}

export interface StorageReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

/** The object store's JSON API: resumable uploads, preconditions, lists. */
export class Storage {
  readonly #bucket: string;
  readonly #folder: string;
  readonly #state: Project;
  readonly #denied: readonly string[];
  readonly #sessions = new Map<string, Session>();

  constructor(options: { bucket: string; folder: string; state: Project; denied: readonly string[] }) {
    this.#bucket = options.bucket;
    this.#folder = options.folder;
    this.#state = options.state;
    this.#denied = options.denied;
  }

  /** `path` is what follows `/storage/v1/b/`. */
  answer(method: string, path: string, query: URLSearchParams): StorageReply {
    const [bucket = "", ...rest] = path.split("/").map(decodeURIComponent);
    if (bucket !== this.#bucket) throw notFound(`b/${bucket}`);
    const [kind, ...more] = rest;
    if (kind === undefined) return { status: 200, body: { kind: "storage#bucket", name: bucket } };
    if (kind === "iam") {
      const asked = query.getAll("permissions").filter((p) => !this.#denied.includes(p));
      return { status: 200, body: { permissions: asked } };
    }
    const name = more.join("/");
    if (name === "") return { status: 200, body: this.#list(query.get("prefix") ?? "") };
    const object = this.#state.objects.get(name);
    if (object === undefined) throw notFound(`b/${bucket}/o/${name}`);
    if (method !== "DELETE") return { status: 200, body: view(object) };
    this.#state.objects.delete(name);
    rmSync(object.file, { force: true });
    return { status: 204 };
  }

  /** Opens an upload, or goes on with one. */
  upload(
    method: string,
    query: URLSearchParams,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Buffer,
  ): StorageReply {
    const name = query.get("name") ?? "";
    if (method === "POST") return this.#open(name, query, body);
    const session = this.#sessions.get(query.get("upload_id") ?? "");
    if (session === undefined) throw new ServiceError(410, "gone", "the upload session is gone");
    const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/u.exec(String(headers["content-range"]));
    if (range === null) throw invalid("Invalid Content-Range");
    session.total = Number(range[3]);
    const stored = statSync(session.file).size;
    if (range[1] !== undefined) {
      if (Number(range[1]) !== stored)
        throw new ServiceError(503, "backendError", "the range does not follow");
      appendFileSync(session.file, body);
    }
    const now = statSync(session.file).size;
    if (now < session.total) {
      return { status: 308, ...(now === 0 ? {} : { headers: { range: `bytes=0-${now - 1}` } }) };
    }
    return { status: 200, body: view(this.#finish(session)) };
  }

  #open(name: string, query: URLSearchParams, body: Buffer): StorageReply {
    if (query.get("ifGenerationMatch") === "0" && this.#state.objects.has(name)) {
      throw new ServiceError(
        412,
        "conditionNotMet",
        "At least one of the pre-conditions you specified did not hold.",
      );
    }
    const id = this.#state.nextId();
    const file = join(this.#folder, `object-${id}`);
    writeFileSync(file, "");
    const told: unknown = JSON.parse(body.toString("utf8"));
    const metadata = isJson(told) && isJson(told["metadata"]) ? told["metadata"] : {};
    const labels = Object.entries(metadata).map(([key, value]): [string, string] => [key, String(value)]);
    this.#sessions.set(id, { name, metadata: Object.fromEntries(labels), file, total: undefined });
    // The service names itself by its own host, whatever name it was asked by.
    const where = `https://storage.googleapis.com/upload/storage/v1/b/${this.#bucket}/o?uploadType=resumable&name=${encodeURIComponent(name)}&upload_id=${id}`;
    return { status: 200, headers: { location: where } };
  }

  #finish(session: Session): StoredObject {
    const known = this.#state.objects.get(session.name);
    // The answer to the last piece may be asked for again.
    if (known?.file === session.file) return known;
    if (known !== undefined) throw new ServiceError(412, "conditionNotMet", "the object exists");
    const bytes = readFileSync(session.file);
    const object: StoredObject = {
      name: session.name,
      generation: this.#state.nextId(),
      createdMs: this.#state.now(),
      file: session.file,
      size: bytes.length,
      md5Hash: createHash("md5").update(bytes).digest("base64"),
      crc32c: crc32c(bytes),
      metadata: session.metadata,
    };
    this.#state.objects.set(session.name, object);
    this.#state.history.push(`object ${object.name} ${object.generation}`);
    return object;
  }

  #list(prefix: string): Json {
    const items = [...this.#state.objects.values()].filter((o) => o.name.startsWith(prefix)).map(view);
    return { kind: "storage#objects", ...(items.length === 0 ? {} : { items }) };
  }
}

function view(object: StoredObject): Json {
  const { name, generation, createdMs, size, md5Hash, crc32c: sum, metadata } = object;
  return {
    kind: "storage#object",
    name,
    generation,
    size: String(size),
    md5Hash,
    crc32c: sum,
    metadata,
    timeCreated: new Date(createdMs).toISOString(),
  };
}
