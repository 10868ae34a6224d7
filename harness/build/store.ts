import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256, writeFileAtomic } from "../base/index.ts";

/** A file of the content-addressed store: never changed once it is there, so runs can share it freely. */
export interface StoredObject {
  readonly sha256: string;
  readonly bytes: number;
  /** Absolute path. */
  readonly path: string;
}

export interface ObjectStore {
  put(content: Uint8Array): StoredObject;
  /** The object, when it is in the store and is what its name says. */
  find(digest: string): StoredObject | undefined;
  read(object: StoredObject): Uint8Array;
}

export function openStore(dir: string): ObjectStore {
  mkdirSync(dir, { recursive: true });
  const at = (digest: string): string => join(dir, digest);
  return {
    put(content) {
      const digest = sha256(content);
      const path = at(digest);
      if (read(path, digest) === undefined) writeFileAtomic(path, content, { flush: false });
      return { sha256: digest, bytes: content.length, path };
    },
    find(digest) {
      const content = read(at(digest), digest);
      return content === undefined ? undefined : { sha256: digest, bytes: content.length, path: at(digest) };
    },
    read: (object) => readFileSync(object.path),
  };
}

/** Hashing a few hundred kilobytes takes a millisecond; believing a torn file would take somebody a day. */
function read(path: string, digest: string): Uint8Array | undefined {
  try {
    const content = readFileSync(path);
    return sha256(content) === digest ? content : undefined;
  } catch {
    return undefined;
  }
}
