import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { fail, nearest, ok, problem, type Result } from "../../base/index.ts";
import { type Boot, packCase, type StoredCase } from "../../evidence/index.ts";
import { proveCodes } from "../codes.ts";
import { type Recording, readRecording, recordingFolder } from "./recording.ts";

/** A recorded boot with everything that it can be run again from. */
export interface RecordedBoot {
  /** For a person: case and boot. */
  readonly name: string;
  /** Absolute path of the recording. */
  readonly dir: string;
  readonly recording: Recording;
  readonly boot: Boot;
  readonly case: StoredCase;
  /** What the guest printed when it was recorded. */
  readonly console: Uint8Array;
  /** How long it took then. */
  readonly wallMs: number;
}

/** The recorded boots of a run: its name, or the path of its directory or of one case; `only` names a boot. */
export function findRecordings(
  root: string,
  run: string,
  only: string | undefined,
): Result<readonly RecordedBoot[]> {
  const dir = [join(root, ".capos", "runs", run), isAbsolute(run) ? run : join(root, run)].find(
    (place) => run !== "" && existsSync(place),
  );
  if (dir === undefined) return none(root, run);
  const cases = existsSync(join(dir, "started.json"))
    ? [dir]
    : readdirSync(dir).map((name) => join(dir, name));
  const recorded = cases.filter((one) => existsSync(join(one, recordingFolder)));
  const boots: RecordedBoot[] = [];
  for (const one of recorded) {
    const found = recordingsOf(root, one, only);
    if (!found.ok) return found;
    boots.push(...found.value);
  }
  if (boots.length > 0) return ok(boots);
  const what = only === undefined || recorded.length === 0 ? "no boot" : `no boot \`${only}\``;
  return fail(problem(proveCodes, "CAPOS_REPLAY_NONE", `${what} of ${run} was recorded`));
}

function recordingsOf(root: string, dir: string, only: string | undefined): Result<readonly RecordedBoot[]> {
  const shown = relative(root, dir);
  // Also checks that nobody has changed the consoles that the replay will be held against.
  const packed = packCase(dir, shown);
  if (!packed.ok) return packed;
  const boots: RecordedBoot[] = [];
  for (const { boot, inputs } of packed.value.case.boots) {
    if (only !== undefined && boot.name !== only) continue;
    const folder = `${boot.index}-${boot.name}`;
    const place = join(dir, recordingFolder, folder);
    const recording = readRecording(place, `${shown}/${recordingFolder}/${folder}`);
    if (!recording.ok) return recording;
    boots.push({
      name: `${packed.value.case.started.case.id} ${boot.name}`,
      dir: place,
      recording: recording.value,
      boot,
      case: packed.value.case,
      console: readFileSync(join(dir, "boots", folder, "console.raw")),
      wallMs: inputs.at(-1)?.at.wallMs ?? 0,
    });
  }
  return ok(boots);
}

function none(root: string, run: string): Result<never> {
  const runs = join(root, ".capos", "runs");
  const known = existsSync(runs) ? readdirSync(runs) : [];
  const like = nearest(run, known);
  const next = like === undefined ? {} : { next: `did you mean ${like}?` };
  return fail(problem(proveCodes, "CAPOS_REPLAY_NONE", `there is no run ${run}`, next));
}
