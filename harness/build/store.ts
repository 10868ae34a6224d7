import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
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
  /** The object, when it is in the store with this length. */
  find(digest: string, bytes: number): StoredObject | undefined;
  read(object: StoredObject): Uint8Array;
}

export function openStore(dir: string): ObjectStore {
  mkdirSync(dir, { recursive: true });
  const at = (digest: string): string => join(dir, digest);
  return {
    put(content) {
      const digest = sha256(content);
      const path = at(digest);
      if (!existsSync(path) || statSync(path).size !== content.length) writeFileAtomic(path, content);
      return { sha256: digest, bytes: content.length, path };
    },
    find(digest, bytes) {
      const path = at(digest);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.size === bytes ? { sha256: digest, bytes, path } : undefined;
    },
    read: (object) => readFileSync(object.path),
  };
}
