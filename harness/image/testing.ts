/** What the tests of this room share. Not part of the room's door. */
import { execFileSync } from "node:child_process";
import { accessSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Problem, type Result } from "../base/index.ts";
import { setAscii, viewOf } from "./bytes.ts";
import type { GrubParts } from "./grub.ts";
import type { HybridDiskSpec } from "./hybrid.ts";

/** The value of a result that must be there. */
export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.map((p: Problem) => `${p.code}: ${p.message}`).join("\n"));
  return result.value;
}

/** The codes of a result that must not be there. */
export function codesOf(result: Result<unknown>): readonly string[] {
  if (result.ok) throw new Error("there was no problem");
  return result.error.map((p) => p.code);
}

/** The messages of a result that must not be there. */
export function messagesOf(result: Result<unknown>): readonly string[] {
  if (result.ok) throw new Error("there was no problem");
  return result.error.map((p) => p.message);
}

/** Which of these tools are not installed; a test that needs them is skipped with their names. */
export function missingTools(...names: readonly string[]): readonly string[] {
  const path = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return names.filter((name) => !path.some((directory) => exists(join(directory, name))));
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Runs a tool to its end and gives what it printed on stdout; throws with its stderr when it fails. */
export function tool(argv: readonly string[], input: string | Uint8Array = ""): string {
  const [name = "", ...rest] = argv;
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, LC_ALL: "C" };
  return execFileSync(name, rest, { input, env, stdio: "pipe", maxBuffer: 1 << 28 }).toString("latin1");
}

/** Gives `use` a new directory and removes it afterwards. */
export async function inDirectory<T>(use: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "capos-image-"));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Bytes that no run of zeros or repetition can hide. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** Stands in for a kernel: noise behind a valid multiboot2 header at 64. */
export function fakeKernel(length: number): Uint8Array {
  const bytes = noise(length, 99);
  const view = viewOf(bytes);
  view.setUint32(64, 0xe852_50d6, true);
  view.setUint32(68, 0, true);
  view.setUint32(72, 16, true);
  view.setUint32(76, -(0xe852_50d6 + 16) >>> 0, true);
  return bytes;
}

/** Stands in for GRUB's parts: what the patches look at is right, the rest is noise. */
export function fakeGrub(): GrubParts {
  const boot = noise(512, 1);
  boot[0x66] = 0xeb;
  viewOf(boot).setUint16(510, 0xaa55, true);
  const core = noise(100_001, 2);
  viewOf(core).setBigUint64(0x1f4, 2n, true);
  viewOf(core).setUint16(0x1fe, 0x820, true);
  return { boot, core, efi: noise(300_000, 3) };
}

/** A spec that needs no tool. */
export function fakeSpec(more: Partial<HybridDiskSpec> = {}): HybridDiskSpec {
  const bootModule = noise(200_000, 4);
  setAscii(bootModule, 0, "CAPOSBM1");
  return { name: "test-image", kernel: fakeKernel(50_000), bootModule, grub: fakeGrub(), ...more };
}
