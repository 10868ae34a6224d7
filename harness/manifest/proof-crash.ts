import { type BootSpec, type CaptureRef, checkers, type Crash, type Recovery } from "../contract/index.ts";
import type { Cursor } from "./reader.ts";

/** What crash states mean when a proof does not say. docs/crash-states.md repeats them. */
export const crashDefaults = { reorder: 4, torn: true, sample: 4 } as const;

/** How the parts that crash states share with the rest of a proof are read. */
export interface ProofReaders {
  readonly boot: (at: Cursor) => BootSpec;
  readonly same: (at: Cursor) => readonly (readonly [CaptureRef, CaptureRef])[];
}

/** The crash states that a boot declares. `disks` are those of the proof: where there is one, it need not be named. */
export function readCrash(
  boot: Cursor,
  disks: readonly string[],
  read: ProofReaders,
): Pick<BootSpec, "crash"> {
  const crash = boot.field("crash");
  if (!crash.present) return {};
  const check = crash.field("check");
  const value: Crash = {
    window: readWindow(crash.field("window")),
    disk: crash.field("disk").string(disks.length === 1 ? disks[0] : undefined),
    ...(check.present ? { check: check.word(checkers) } : {}),
    reorder: crash.field("reorder").number(crashDefaults.reorder),
    torn: crash.field("torn").boolean(crashDefaults.torn),
    sample: crash.field("sample").number(crashDefaults.sample),
    recovers: crash
      .field("recovers")
      .list()
      .map((recovery): Recovery => {
        const before = recovery.field("before");
        return { ...read.boot(recovery), ...(before.present ? { before: before.string() } : {}) };
      }),
    same: crash.field("same").list().flatMap(read.same),
  };
  return { crash: value };
}

function readWindow(window: Cursor): readonly [string, string] {
  const [from, until, ...rest] = window.list().map((name) => name.string());
  if (from !== undefined && until !== undefined && rest.length === 0) return [from, until];
  return window.refuse("a window has two landmarks: behind the first, up to the second", ["", ""]);
}
