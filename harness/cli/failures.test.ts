import { mkdirSync, openSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exitOfException, failureOf } from "./failures.ts";

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("what the host's file system refuses is the host's fault", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    syscall: "write",
  });
  const readOnly = Object.assign(new Error("ENOENT: no such file or directory, mkdir '/ro/x'"), {
    code: "ENOENT",
    syscall: "mkdir",
  });
  for (const error of [full, readOnly]) {
    expect(failureOf(error)).toMatchObject({ code: "CAPOS_HOST_FILE", exit: "host", message: error.message });
    expect(exitOfException(error)).toBe(7);
  }
});

test("everything else that is thrown is a bug, with its stack", () => {
  const others = [
    thrownBy(() => readFileSync("/no/such/file")),
    thrownBy(() => openSync("/dev/null/x", "w")),
    thrownBy(() => mkdirSync("/dev/null/x")),
    new TypeError("x is not a function"),
    Object.assign(new Error("a code without a call"), { code: "EACCES" }),
    "a text",
  ];
  for (const error of others) {
    const failure = failureOf(error);
    expect(failure.code, String(error)).toBe("CAPOS_BUG");
    expect(failure.detail).toContain(error instanceof Error ? error.message : "a text");
    expect(exitOfException(error)).toBe(70);
  }
});
