import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { canonicalJson, copySparse, fail, lock, ok, problem, type Result, sha256 } from "../../base/index.ts";
import type { Fork } from "../../contract/index.ts";
import type { BootRequest } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import type { Companion, CompanionContext, Hand, Past } from "../companion.ts";
import { makeState } from "./make.ts";
import { diskFile, readState, type State, stateFile } from "./state.ts";

/** Lets a boot go on from the stored state of a shared one, which is made when there is none. */
export function forkOf(context: CompanionContext, fork: Fork): Companion {
  return new Forked(context, fork);
}

/** How long another run may take to make the state that this one wants, too. */
const patienceMs = 600_000;

class Forked implements Companion {
  readonly #context: CompanionContext;
  readonly #fork: Fork;
  #past: Past | undefined;
  #detail = "";

  constructor(context: CompanionContext, fork: Fork) {
    this.#context = context;
    this.#fork = fork;
  }

  get past(): Past | undefined {
    return this.#past;
  }

  async prepare(request: BootRequest): Promise<Result<BootRequest>> {
    const { root, lab, disks } = this.#context;
    const keyed = stateKey(request, this.#context, this.#fork);
    if (!keyed.ok) return keyed;
    const key = keyed.value;
    const found = await this.#find(request, key);
    if (!found.ok) return found;
    const { identity, inputs, dir } = found.value;
    try {
      for (const { serial, file } of disks) {
        rmSync(file, { force: true });
        copySparse(join(dir, diskFile(serial)), file);
      }
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
    const { proof, landmark } = this.#fork;
    const bytes = inputs.reduce((sum, input) => sum + (input.kind === "bytes" ? input.bytes.length : 0), 0);
    this.#past = {
      identity: { ...identity, systemDigest: lab.systemDigest },
      inputs,
      fork: { proof, landmark, state: key, bytes },
    };
    const { nonce, boot } = identity;
    const incoming = relative(root, join(dir, stateFile));
    return ok({ ...request, identity: { nonce, boot }, incoming, holdConsole: true });
  }

  started({ note }: Hand): void {
    note({ source: "tool", name: "snapshot", detail: this.#detail, ok: true });
  }

  /** The stored state, made first where there is none; of several runs one makes it. */
  async #find(request: BootRequest, key: string): Promise<Result<State>> {
    const { lab } = this.#context;
    const folder = join(lab.cacheDir, "snapshots");
    const from = `\`${this.#fork.landmark}\` of ${this.#fork.proof}`;
    const kept = readState(folder, key);
    if (kept !== undefined) {
      this.#detail = `goes on from ${from}, stored at ${kept.madeAt}`;
      return ok(kept);
    }
    const held = await lock(join(folder, `${key}.lock`), patienceMs);
    if (held === undefined) return failed("another run has been making it for ten minutes");
    try {
      const began = performance.now();
      const meanwhile = readState(folder, key);
      if (meanwhile === undefined) {
        const made = await makeState(request, { ...this.#context, fork: this.#fork, folder, key });
        if (!made.ok) return made;
      }
      const state = meanwhile ?? readState(folder, key);
      if (state === undefined) return failed("what was stored cannot be read again");
      this.#detail = `goes on from ${from}, stored in ${((performance.now() - began) / 1000).toFixed(1)} s`;
      return ok(state);
    } finally {
      held.release();
    }
  }
}

/** Of everything that decides the state: the command of the boot without its nonce, the system, and where it is cut. */
function stateKey(request: BootRequest, { proof, lab }: CompanionContext, fork: Fork): Result<string> {
  const disks = request.disks.map((disk) => ({ ...disk, file: diskFile(disk.serial) }));
  const plan = lab.machine.plan({ ...request, disks, identity: { nonce: "0".repeat(32), boot: 1 } });
  if (!plan.ok) return plan;
  const chain = proof.boots[0]?.chain.slice(0, fork.shared);
  const parts = {
    v: 1,
    argv: plan.value.argv,
    system: lab.systemDigest,
    emulator: lab.emulator,
    disks: proof.disks,
    fork,
    chain,
  };
  return ok(sha256(canonicalJson(parts)));
}

function failed(why: string): Result<never> {
  return fail(problem(proveCodes, "CAPOS_SNAPSHOT", `the stored state could not be used: ${why}`));
}
