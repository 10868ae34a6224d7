import { createCipheriv, createHash } from "node:crypto";
import type { Body, Route } from "../../contract/index.ts";

/** The bytes of an answer. */
export function bodyOf(routes: readonly Route[], { path, body }: Route): Buffer {
  switch (body.is) {
    case "text":
      return Buffer.from(body.text);
    case "pattern":
      return pattern(path, body);
    case "digest": {
      const of = routes.find((route) => route.path === body.of);
      if (of === undefined) throw new Error(`no route ${body.of}`);
      return Buffer.from(`${digestOf(bodyOf(routes, of))}\n`);
    }
  }
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** AES-128 in counter mode over zeros, under the SHA-256 of the path: no two parts of it are alike, and it is fast. */
function pattern(path: string, { bytes }: Extract<Body, { is: "pattern" }>): Buffer {
  const key = createHash("sha256").update(path).digest().subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}
